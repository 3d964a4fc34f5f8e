package io.github.glia.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * The kernels of our own on one device, by room: each room's PTX is loaded when first asked for.
 */
final class Modules {
  private final CudaBackend cuda;
  private final Map<String, CUmodule> modules = new HashMap<>();
  private final Map<String, Kernel> kernels = new HashMap<>();

  Modules(CudaBackend cuda) {
    this.cuda = cuda;
  }

  /** Makers of plans hold the lock of their cache, so this one is not the device's. */
  synchronized Kernel kernel(String room, String name) {
    return kernels.computeIfAbsent(name, n -> find(room, n));
  }

  private Kernel find(String room, String name) {
    CUmodule module = modules.get(room);
    if (module == null) {
      module = load(room);
      modules.put(room, module);
    }
    CUfunction function = new CUfunction();
    cuda.check(
        JCudaDriver.cuModuleGetFunction(function, module, name),
        "find the kernel " + name + " in " + room + ".ptx");
    return new Kernel(cuda, function, name);
  }

  private CUmodule load(String room) {
    byte[] text = read(room + ".ptx");
    byte[] terminated = Arrays.copyOf(text, text.length + 1);
    CUmodule module = new CUmodule();
    cuda.check(JCudaDriver.cuModuleLoadData(module, terminated), "load " + room + ".ptx");
    return module;
  }

  private static byte[] read(String file) {
    try (InputStream in = Modules.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(
            file + " is missing from glia-kernels; kernels/src/main/cuda/make-ptx.sh makes it");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }
}
