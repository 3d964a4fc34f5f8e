package io.github.glia.kernels;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Checks of arguments, with messages that name the operation, what was expected and what came. */
public final class Check {
  private Check() {}

  /**
   * A tensor must be there, open, on the device, of the type and shape. Names and messages are made
   * for errors alone, since they would be garbage in every call.
   */
  public static void tensor(
      String operation,
      String direction,
      String argument,
      Tensor tensor,
      String device,
      DType dtype,
      Shape shape) {
    if (!fits(tensor, device, dtype, shape)) {
      tensor(operation + " " + direction, argument, tensor, device, dtype, shape);
    }
  }

  private static boolean fits(Tensor tensor, String device, DType dtype, Shape shape) {
    return tensor != null
        && !tensor.isClosed()
        && tensor.shape().equals(shape)
        && tensor.dtype() == dtype
        && tensor.device().name().equals(device);
  }

  /** The same for an operation that has one direction. */
  public static void tensor(
      String operation, String argument, Tensor tensor, String device, DType dtype, Shape shape) {
    if (tensor == null) {
      throw new IllegalArgumentException(operation + ": " + argument + " is null");
    }
    tensor.requireOpen();
    if (!tensor.shape().equals(shape)) {
      throw new IllegalArgumentException(
          operation + ": " + argument + " must have the shape " + shape + ", but is " + tensor);
    }
    if (tensor.dtype() != dtype) {
      throw new IllegalArgumentException(
          operation + ": " + argument + " must be " + dtype + ", but is " + tensor);
    }
    if (!tensor.device().name().equals(device)) {
      throw new IllegalArgumentException(
          operation + ": " + argument + " must be on " + device + ", but is " + tensor);
    }
    tensor.address(); // throws if it is closed: before anything is computed
  }

  /** A tensor of bytes that holds larger elements must begin at a multiple of their size. */
  public static void holds(String operation, String argument, Tensor bytes, int elementBytes) {
    if (bytes.address() % elementBytes != 0) {
      throw failed(
          operation,
          argument
              + " must begin at a multiple of "
              + elementBytes
              + " bytes, as a tensor of its own does, but is a slice that does not: "
              + bytes);
    }
  }

  /** A bias, F32, must be there where the plan has one, and must be null where it has none. */
  public static void bias(
      String operation,
      String direction,
      String argument,
      Tensor bias,
      String device,
      boolean wanted,
      Shape shape) {
    if (wanted) {
      tensor(operation, direction, argument, bias, device, DType.F32, shape);
    } else if (bias != null) {
      bias(operation + " " + direction, argument, bias, device, false, shape);
    }
  }

  /** The same for an operation that has one direction. */
  public static void bias(
      String operation, String argument, Tensor bias, String device, boolean wanted, Shape shape) {
    if (wanted) {
      tensor(operation, argument, bias, device, DType.F32, shape);
    } else if (bias != null) {
      throw failed(operation, "the plan has no bias, but " + argument + " is " + bias);
    }
  }

  /** A tensor must be there and hold images, {@code [batch, height, width, channels]}. */
  public static void image(String operation, String argument, Tensor tensor) {
    if (tensor == null) {
      throw new IllegalArgumentException(operation + ": " + argument + " is null");
    }
    if (tensor.shape().rank() != 4) {
      throw new IllegalArgumentException(
          operation
              + ": "
              + argument
              + " must have the shape [batch, height, width, channels], but is "
              + tensor);
    }
  }

  /** An argument must be there; returns it. */
  public static <T> T present(String operation, String argument, T value) {
    if (value == null) {
      throw failed(operation, argument + " is null");
    }
    return value;
  }

  public static void atLeast(String operation, String argument, int value, int minimum) {
    if (value < minimum) {
      throw new IllegalArgumentException(
          operation + ": " + argument + " must be at least " + minimum + ", but is " + value);
    }
  }

  /** A number must be finite and not negative. */
  public static void notNegative(String operation, String argument, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw failed(operation, argument + " must be finite and not negative, but is " + value);
    }
  }

  public static void finite(String operation, String argument, double value) {
    if (!Double.isFinite(value)) {
      throw failed(operation, argument + " must be finite, but is " + value);
    }
  }

  /** A device must be able to compute in the type, a floating one. */
  public static void computes(String operation, Device device, DType dtype) {
    if (!dtype.isFloating() || !device.computes(dtype)) {
      throw new IllegalArgumentException(
          operation
              + ": "
              + device.name()
              + " does not compute in "
              + dtype
              + (dtype.isFloating() ? "; use F32" : "; convert it to F32 first"));
    }
  }

  /** A device must be able to compute in the type, or in I8 if that is the type. */
  public static void computesQuantizedToo(String operation, Device device, DType dtype) {
    if (dtype == DType.I8) {
      quantized(operation, device);
    } else {
      computes(operation, device, dtype);
    }
  }

  /** A device must be able to multiply bytes. */
  public static void quantized(String operation, Device device) {
    if (!device.computes(DType.I8)) {
      throw failed(
          operation,
          device.name()
              + " does not compute in I8, which needs a CPU that multiplies bytes (VNNI); use BF16"
              + " or F32");
    }
  }

  public static IllegalArgumentException failed(String operation, String reason) {
    return new IllegalArgumentException(operation + ": " + reason);
  }
}
