package io.github.glia.kernels.cuda.loading;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;

/** Where libraries of one installation of CUDA may be: some folders, or a jar. */
interface Place {
  /** The libraries that are asked for; the others of an installation are many and large. */
  Pattern LIBRARIES =
      Pattern.compile(
          "lib(cuda|cublas|cublasLt|cudart|nvrtc|nvJitLink|cudnn)[_\\w-]*\\.so\\.[\\d.]+");

  /** The name of this place, as users know it. */
  String how();

  /** The names of the libraries that are here. */
  Set<String> names();

  /** Where a library is whose name is among {@link #names}: its file, or the jar that has it. */
  Path where(String name);

  /** The file to load of a library whose name is among {@link #names}; unpacked if it must be. */
  Path file(String name) throws IOException;
}
