package io.github.glia.kernels.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import jcuda.jcudnn.JCudnn;

/** What the driver says of a GPU, for which the GPU need not be opened. */
final class Hardware {
  /** The compute capability that the PTX of our kernels is for, times ten. */
  private static final int OLDEST = 75;

  /** From here on cuDNN and cuBLAS multiply BF16, as their documents say. */
  private static final int OLDEST_WITH_BF16 = 80;

  private final CUdevice device = new CUdevice();
  private final Faults faults;
  private final int processors;
  private final int capability;

  Hardware(int number, Faults faults) {
    this.faults = faults;
    faults.check(JCudaDriver.cuDeviceGet(device, number), "open the device");
    processors = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    capability =
        10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  CUdevice device() {
    return device;
  }

  int processors() {
    return processors;
  }

  /** Why our kernels do not run on it; "" where they do. */
  String whyUnusable() {
    return capability >= OLDEST
        ? ""
        : "the GPU is too old: "
            + name()
            + " has compute capability "
            + inPoints(capability)
            + ", and "
            + inPoints(OLDEST)
            + " is needed; use --device cpu";
  }

  boolean multipliesBf16() {
    return capability >= OLDEST_WITH_BF16;
  }

  String description() {
    long[] bytes = new long[1];
    faults.check(JCudaDriver.cuDeviceTotalMem(bytes, device), "ask for the memory");
    int[] driver = new int[1];
    faults.check(JCudaDriver.cuDriverGetVersion(driver), "ask for the driver's version");
    long cudnn = JCudnn.cudnnGetVersion();
    return String.format(
        "%s, compute capability %s, %d multiprocessors, %,d MiB of memory, driver for CUDA"
            + " %d.%d, cuDNN %d.%d.%d",
        name(),
        inPoints(capability),
        processors,
        bytes[0] >> 20,
        driver[0] / 1000,
        driver[0] % 1000 / 10,
        cudnn / 10000,
        cudnn % 10000 / 100,
        cudnn % 100);
  }

  private String name() {
    byte[] name = new byte[256];
    faults.check(JCudaDriver.cuDeviceGetName(name, name.length, device), "ask for the name");
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return new String(name, 0, end, StandardCharsets.US_ASCII);
  }

  private int attribute(int attribute) {
    int[] value = new int[1];
    faults.check(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "ask for an attribute");
    return value[0];
  }

  private static String inPoints(int timesTen) {
    return timesTen / 10 + "." + timesTen % 10;
  }
}
