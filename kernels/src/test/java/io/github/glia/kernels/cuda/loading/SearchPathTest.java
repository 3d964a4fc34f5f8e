package io.github.glia.kernels.cuda.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which folders are searched, in which order. */
class SearchPathTest {
  @TempDir Path root;
  private final Map<String, String> environment = new HashMap<>();
  private String property = "";

  private SearchPath path() throws IOException {
    SearchPath.Machine machine =
        new SearchPath.Machine(property, environment, root, root.resolve("home/me"));
    return SearchPath.of(machine, List.of());
  }

  private Path library(String file) throws IOException {
    Path whole = root.resolve(file);
    Files.createDirectories(whole.getParent());
    return Files.createFile(whole);
  }

  /** The places that have cuDNN. */
  private List<String> places() throws IOException {
    return path().all().stream()
        .filter(place -> place.names().contains("libcudnn.so.9"))
        .map(Place::how)
        .toList();
  }

  @Test
  void theOrderOfPlaces() throws IOException {
    String cudnn = "libcudnn.so.9";
    library("named/" + cudnn);
    library("home1/lib64/" + cudnn);
    library("home2/targets/x86_64-linux/lib/" + cudnn);
    library("loader/" + cudnn);
    library("usr/local/cuda-12.6/lib64/" + cudnn);
    library("usr/local/cuda-12.10/lib64/" + cudnn);
    library("usr/local/cuda-13.0/lib/" + cudnn);
    library("usr/local/cuda/lib64/" + cudnn);
    library("usr/lib/x86_64-linux-gnu/" + cudnn);
    library("venv/lib/python3.12/site-packages/nvidia/cudnn/lib/" + cudnn);
    library("conda/lib/" + cudnn);
    Files.createDirectories(root.resolve("conda/conda-meta"));
    library("home/me/.local/lib/python3.11/site-packages/nvidia/cudnn/lib/" + cudnn);
    property = root.resolve("not-there") + File.pathSeparator + root.resolve("named");
    environment.put("CUDA_HOME", root.resolve("home1").toString());
    environment.put("CUDA_PATH", root.resolve("home2").toString());
    environment.put("LD_LIBRARY_PATH", ":" + root.resolve("loader"));
    environment.put("VIRTUAL_ENV", root.resolve("venv").toString());
    environment.put("CONDA_PREFIX", root.resolve("conda").toString());
    assertEquals(
        List.of(
            "the property glia.cuda.libraries",
            "CUDA_HOME",
            "CUDA_PATH",
            "LD_LIBRARY_PATH",
            "/usr/local/cuda",
            "/usr/local/cuda-13.0",
            "/usr/local/cuda-12.10",
            "/usr/local/cuda-12.6",
            "the system's folders",
            "Python's " + root.resolve("venv/lib/python3.12/site-packages"),
            "Python's " + root.resolve("conda/lib"),
            "Python's " + root.resolve("home/me/.local/lib/python3.11/site-packages")),
        places());
  }

  @Test
  void theFoldersOfOnePythonEnvironmentAreOnePlace() throws IOException {
    String nvidia = "usr/local/lib/python3.12/dist-packages/nvidia/";
    Path cublas = library(nvidia + "cu13/lib/libcublas.so.13");
    Path cudnn = library(nvidia + "cudnn/lib/libcudnn.so.9");
    List<Place> python =
        path().all().stream().filter(place -> place.how().startsWith("Python's")).toList();
    assertEquals(1, python.size());
    assertEquals(cublas, python.get(0).where("libcublas.so.13"));
    assertEquals(cudnn, python.get(0).where("libcudnn.so.9"));
  }

  @Test
  void theFoldersOfTheLoadersConfiguration() throws IOException {
    Path file = library("opt/nvidia/lib/libcudnn.so.9");
    library("etc/ld.so.conf");
    Files.createDirectories(root.resolve("etc/ld.so.conf.d"));
    Files.writeString(
        root.resolve("etc/ld.so.conf"), "# all\ninclude ld.so.conf.d/*.conf\ninclude ld.so.conf\n");
    Files.writeString(root.resolve("etc/ld.so.conf.d/nvidia.conf"), "/opt/nvidia/lib # here\n");
    assertEquals(List.of("the system's folders"), places());
    assertEquals(List.of(root.resolve("opt/nvidia/lib")), LoaderFolders.of(root));
    assertTrue(Files.isRegularFile(file));
  }

  /** As where games brought the driver's libraries for 32 bits: their folder comes first. */
  @Test
  void librariesFor32BitsAreNone() throws IOException {
    byte[] header = {0x7f, 'E', 'L', 'F', 1, 1, 1, 0};
    Path small = library("usr/lib/i386-linux-gnu/libcuda.so.1");
    Path large = library("usr/lib/x86_64-linux-gnu/libcuda.so.1");
    Files.write(small, header);
    header[4] = 2;
    Files.write(large, header);
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(
        root.resolve("etc/ld.so.conf"), "/usr/lib/i386-linux-gnu\n/usr/lib/x86_64-linux-gnu\n");
    List<Path> found =
        path().driver().stream()
            .filter(place -> place.names().contains("libcuda.so.1"))
            .map(place -> place.where("libcuda.so.1"))
            .toList();
    assertEquals(List.of(large), found);
  }

  @Test
  void driversAreWhereDistributionsPutThem() throws IOException {
    library("usr/local/cuda/lib64/stubs/libcuda.so.1");
    assertFalse(hasDriver(), "a stub is no driver");
    library("usr/lib/wsl/lib/libcuda.so.1");
    assertTrue(hasDriver());
  }

  @Test
  void thePropertyNamesTheDriverToo() throws IOException {
    Path mine = library("named/libcuda.so.1");
    library("usr/lib/x86_64-linux-gnu/libcuda.so.1");
    property = root.resolve("named").toString();
    assertEquals(mine, path().driver().get(0).where("libcuda.so.1"));
  }

  private boolean hasDriver() throws IOException {
    return path().driver().stream().anyMatch(place -> place.names().contains("libcuda.so.1"));
  }

  @Test
  void otherFilesAndFoldersAreNoLibraries() throws IOException {
    library("named/libcudnn.so.9.txt");
    library("named/libcufft.so.12");
    Files.createDirectories(root.resolve("named/libcublas.so.12"));
    property = root.resolve("named").toString();
    assertTrue(path().named().names().isEmpty(), path().named().names().toString());
  }
}
