package io.github.glia.kernels.cuda.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the libraries that are there are taken, and what is said where they do not do. */
class SelectionTest {
  private static final int DRIVER_12 = 12040;
  private static final int DRIVER_13 = 13000;
  private static final String[] ALL_OF_12 = {
    "libcublas.so.12", "libcublasLt.so.12", "libcudnn.so.9"
  };
  private static final String[] ALL_OF_13 = {
    "libcublas.so.13", "libcublasLt.so.13", "libcudnn.so.9"
  };

  @TempDir Path folder;
  private Place named = new Folders("named", List.of());
  private final List<Place> others = new ArrayList<>();

  private Place place(String how, String... files) throws IOException {
    Path inside = Files.createDirectory(folder.resolve(how));
    for (String file : files) {
      Files.createFile(inside.resolve(file));
    }
    return new Folders(how, List.of(inside));
  }

  private void other(String how, String... files) throws IOException {
    others.add(place(how, files));
  }

  private Selection select(int driver) {
    return Selection.of(new SearchPath(named, others, List.of()), driver);
  }

  private static Map<String, String> places(Map<String, Place> libraries) {
    return libraries.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, library -> library.getValue().how()));
  }

  private void assertWhyNot(int driver, String whyNot) {
    assertEquals(whyNot, select(driver).whyNot());
  }

  @Test
  void theFirstPlaceThatHasAll() throws IOException {
    other("half", "libcublas.so.12", "libcudnn.so.9");
    other("whole", ALL_OF_12);
    other("later", ALL_OF_12);
    Selection selection = select(DRIVER_12);
    assertEquals("", selection.whyNot());
    assertEquals(12, selection.cuda());
    assertEquals(
        Map.of("libcublas.so.12", "whole", "libcublasLt.so.12", "whole", "libcudnn.so.9", "whole"),
        places(selection.chosen()));
    assertEquals(List.of(), selection.missing());
  }

  @Test
  void whatThePropertyNamesIsTakenFromThere() throws IOException {
    named = place("named", "libcudnn.so.9");
    other("thirteen", ALL_OF_13);
    Selection selection = select(DRIVER_13);
    assertEquals(13, selection.cuda());
    assertEquals(
        Map.of(
            "libcublas.so.13",
            "thirteen",
            "libcublasLt.so.13",
            "thirteen",
            "libcudnn.so.9",
            "named"),
        places(selection.chosen()));
  }

  @Test
  void thePropertysCublasDecidesTheVersion() throws IOException {
    named = place("named", "libcublas.so.12", "libcublasLt.so.12");
    other("thirteen", ALL_OF_13);
    assertEquals(12, select(DRIVER_13).cuda());
  }

  @Test
  void anOldDriverTakesTheOlderCuda() throws IOException {
    other("thirteen", ALL_OF_13);
    other("twelve", ALL_OF_12);
    assertEquals(13, select(DRIVER_13).cuda());
    assertEquals(12, select(DRIVER_12).cuda());
  }

  @Test
  void piecesOfSeveralPlaces() throws IOException {
    other("cublas", "libcublas.so.13", "libcublasLt.so.13");
    other("cudnn", "libcudnn.so.9");
    Selection selection = select(DRIVER_13);
    assertEquals("", selection.whyNot());
    assertEquals("cudnn", places(selection.chosen()).get("libcudnn.so.9"));
  }

  @Test
  void partsAndCompilersAreLoadedBeside() throws IOException {
    other(
        "both",
        "libcublas.so.12",
        "libcublasLt.so.12",
        "libcudnn.so.9",
        "libcudnn.so.9.5.1",
        "libcudnn_ops.so.9",
        "libcudnn_graph.so.9",
        "libnvrtc.so.12",
        "libnvrtc-builtins.so.12.6",
        "libnvrtc-builtins.so.13.0",
        "libcudart.so.13");
    assertEquals(
        List.of(
            "libnvrtc-builtins.so.12.6",
            "libnvrtc.so.12",
            "libcublasLt.so.12",
            "libcublas.so.12",
            "libcudnn_graph.so.9",
            "libcudnn_ops.so.9",
            "libcudnn.so.9"),
        List.copyOf(select(DRIVER_12).toPreload().keySet()));
  }

  @Test
  void nothingThere() {
    Selection selection = select(DRIVER_12);
    assertTrue(
        selection.whyNot().startsWith("cuBLAS 12 or 13 (libcublas.so.12) was not found; put "),
        selection.whyNot());
    assertTrue(selection.whyNot().contains("-Dglia.cuda.libraries=FOLDER"), selection.whyNot());
    assertEquals(
        List.of("libcublasLt.so.12", "libcublas.so.12", "libcudnn.so.9"), selection.missing());
  }

  @Test
  void olderOnesAreNamed() throws IOException {
    other("old", "libcublas.so.11", "libcudnn.so.8");
    assertTrue(
        select(DRIVER_12).whyNot().contains("was not found (only libcublas.so.11 in old); "),
        select(DRIVER_12).whyNot());
    other("new", "libcublas.so.12", "libcublasLt.so.12");
    String noCudnn = select(DRIVER_12).whyNot();
    assertTrue(
        noCudnn.startsWith("cuDNN 9 (libcudnn.so.9) was not found (only libcudnn.so.8 in old); "),
        noCudnn);
  }

  @Test
  void aDriverTooOldForTheCudaThatIsThere() throws IOException {
    other("thirteen", ALL_OF_13);
    assertWhyNot(
        DRIVER_12,
        "NVIDIA's driver is too old for the CUDA 13 in thirteen: it is for CUDA 12.4; update the"
            + " driver, or install CUDA 12's libraries");
  }

  @Test
  void mixedVersions() throws IOException {
    other("mixed", "libcublas.so.12", "libcublasLt.so.13", "libcudnn.so.9");
    assertWhyNot(
        DRIVER_13,
        "the versions of CUDA's libraries are mixed: libcublas.so.12 in mixed needs"
            + " libcublasLt.so.12, but there is only libcublasLt.so.13 in mixed; install both of"
            + " one version");
  }

  @Test
  void cublasWithoutItsHalf() throws IOException {
    other("half", "libcublas.so.12", "libcudnn.so.9");
    String whyNot = select(DRIVER_12).whyNot();
    assertTrue(whyNot.startsWith("libcublasLt.so.12, which cuBLAS needs, was not found"), whyNot);
    assertEquals(List.of("libcublasLt.so.12"), select(DRIVER_12).missing());
  }
}
