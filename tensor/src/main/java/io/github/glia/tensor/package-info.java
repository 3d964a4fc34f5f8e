/**
 * What the data is: {@link io.github.glia.tensor.Shape shapes}, {@link io.github.glia.tensor.DType
 * element types}, {@link io.github.glia.tensor.Device devices} and the {@link
 * io.github.glia.tensor.Tensor tensors} that live on them, with {@link io.github.glia.tensor.Scope
 * scopes} that say for how long.
 */
package io.github.glia.tensor;
