package io.github.glia.kernels.cuda;

import io.github.glia.kernels.cuda.loading.CudaLibraries;
import io.github.glia.kernels.cuda.loading.Found;
import io.github.glia.tensor.DeviceDriver;
import io.github.glia.tensor.DeviceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;

/** Finds NVIDIA's GPUs. */
public final class CudaProvider implements DeviceProvider {
  private static final System.Logger LOG = System.getLogger(CudaProvider.class.getName());

  private final List<String> unusable = new ArrayList<>();
  private String whyNone = "";

  @Override
  public String kind() {
    return "cuda";
  }

  @Override
  public int preference() {
    return 1;
  }

  @Override
  public List<DeviceDriver> find() {
    CudaLibraries libraries = CudaLibraries.load();
    if (!libraries.usable()) {
      whyNone = libraries.whyNot();
      return List.of();
    }
    int[] count = new int[1];
    int status = JCudaDriver.cuDeviceGetCount(count);
    if (status != 0) {
      whyNone = "the GPUs cannot be counted: " + Status.ofDriver(status);
      return List.of();
    }
    List<DeviceDriver> devices = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      addIfUsable(devices, i);
    }
    return devices;
  }

  private void addIfUsable(List<DeviceDriver> devices, int number) {
    String why;
    try {
      CudaBackend gpu = new CudaBackend(number);
      why = gpu.whyUnusable();
      if (why.isEmpty()) {
        devices.add(gpu);
        return;
      }
    } catch (CudaException e) {
      why = e.getMessage();
      LOG.log(System.Logger.Level.WARNING, why); // where there are others, nobody may ask why
    }
    whyNone = why;
    unusable.add("cuda:" + number + " is not used: " + why);
  }

  @Override
  public String whyNone() {
    return whyNone;
  }

  @Override
  public List<String> libraries() {
    return Stream.concat(
            CudaLibraries.load().found().stream().map(Found::toString), unusable.stream())
        .toList();
  }
}
