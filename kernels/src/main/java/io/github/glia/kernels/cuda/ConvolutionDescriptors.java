package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/** A convolution as cuDNN describes it: all tensors of one type, NHWC, with sums in F32. */
record ConvolutionDescriptors(
    cudnnTensorDescriptor x,
    cudnnFilterDescriptor w,
    cudnnTensorDescriptor y,
    cudnnConvolutionDescriptor convolution) {

  /** Makes descriptors, which {@code owner} destroys. */
  static ConvolutionDescriptors of(
      CudaPlan owner, String name, ConvolutionGeometry geometry, DType type) {
    return new ConvolutionDescriptors(
        images(owner, name, type, geometry.x()),
        weights(owner, name, type, geometry.w()),
        images(owner, name, type, geometry.y()),
        convolution(owner, name, geometry));
  }

  private static cudnnTensorDescriptor images(CudaPlan owner, String name, DType type, Shape s) {
    cudnnTensorDescriptor made =
        owner.own(
            new cudnnTensorDescriptor(),
            JCudnn::cudnnCreateTensorDescriptor,
            JCudnn::cudnnDestroyTensorDescriptor);
    owner.cuda.checkCudnn(
        JCudnn.cudnnSetTensor4dDescriptor(
            made,
            cudnnTensorFormat.CUDNN_TENSOR_NHWC,
            Cudnn.type(type),
            s.size(0),
            s.size(3),
            s.size(1),
            s.size(2)),
        name);
    return made;
  }

  private static cudnnFilterDescriptor weights(CudaPlan owner, String name, DType type, Shape s) {
    cudnnFilterDescriptor made =
        owner.own(
            new cudnnFilterDescriptor(),
            JCudnn::cudnnCreateFilterDescriptor,
            JCudnn::cudnnDestroyFilterDescriptor);
    owner.cuda.checkCudnn(
        JCudnn.cudnnSetFilter4dDescriptor(
            made,
            Cudnn.type(type),
            cudnnTensorFormat.CUDNN_TENSOR_NHWC,
            s.size(0),
            s.size(3),
            s.size(1),
            s.size(2)),
        name);
    return made;
  }

  private static cudnnConvolutionDescriptor convolution(
      CudaPlan owner, String name, ConvolutionGeometry g) {
    cudnnConvolutionDescriptor made =
        owner.own(
            new cudnnConvolutionDescriptor(),
            JCudnn::cudnnCreateConvolutionDescriptor,
            JCudnn::cudnnDestroyConvolutionDescriptor);
    owner.cuda.checkCudnn(
        JCudnn.cudnnSetConvolution2dDescriptor(
            made,
            g.paddingHeight(),
            g.paddingWidth(),
            g.strideHeight(),
            g.strideWidth(),
            g.dilationHeight(),
            g.dilationWidth(),
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            cudnnDataType.CUDNN_DATA_FLOAT),
        name);
    owner.cuda.checkCudnn(JCudnn.cudnnSetConvolutionGroupCount(made, g.groups()), name);
    return made;
  }
}
