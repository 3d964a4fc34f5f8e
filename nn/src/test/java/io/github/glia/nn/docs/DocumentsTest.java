package io.github.glia.nn.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What documents say of files is so: code that it shows is in them, and files that it names exist.
 */
class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** {@code [text](target)}, without links to other sites and to headings. */
  private static final Pattern LINK = Pattern.compile("]\\((?!https?:|#)([^)#]+)[^)]*\\)");

  /** {@code `kernels/…/Conv2dPlan.java`}: a module, and a path that may leave folders out. */
  private static final Pattern FILE =
      Pattern.compile("`((?:tensor|kernels|nn|unet-lgg|benchmarks)/[\\w./…-]+)`");

  static List<Path> docs() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
    }
  }

  static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>(docs());
    for (String readme :
        List.of(
            "README.md",
            "benchmarks/README.md",
            "benchmarks/gpu/README.md",
            "unet-lgg/models/README.md")) {
      documents.add(ROOT.resolve(readme));
    }
    return documents;
  }

  @Test
  void thereAreDocuments() throws IOException {
    List<String> names = documents().stream().map(d -> d.getFileName().toString()).toList();
    assertTrue(names.contains("first-network.md"), names.toString());
  }

  @ParameterizedTest
  @MethodSource("docs")
  void javaThatIsShownIsInTheFileNamed(Path document) throws IOException {
    for (CodeBlock block : CodeBlock.in(document)) {
      if (block.language().equals("java")) {
        assertEquals("code", block.kind(), block.place() + " does not say which file it is from");
        List<String> source = Files.readAllLines(ROOT.resolve(block.file()));
        assertTrue(block.isIn(source), block.place() + " is not what " + block.file() + " says");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void linksLeadToFiles(Path document) throws IOException {
    Matcher link = LINK.matcher(Files.readString(document));
    while (link.find()) {
      Path target = document.resolveSibling(link.group(1));
      assertTrue(Files.exists(target), document + " links to " + link.group(1));
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void filesThatAreNamedExist(Path document) throws IOException {
    List<String> tree = tree();
    Matcher file = FILE.matcher(Files.readString(document));
    while (file.find()) {
      Pattern path = Pattern.compile(Pattern.quote(file.group(1)).replace("…", "\\E.+\\Q"));
      assertTrue(
          tree.stream().anyMatch(name -> path.matcher(name).matches()),
          document + " names " + file.group(1));
    }
  }

  @Test
  void aWrongBlockIsNoticed() {
    List<String> source = List.of("class A {", "  int a;", "  int b;", "}");
    assertTrue(
        new CodeBlock("java", "code", "A", "here", List.of("int a;", "int b;")).isIn(source));
    assertFalse(
        new CodeBlock("java", "code", "A", "here", List.of("int b;", "int a;")).isIn(source));
    assertFalse(new CodeBlock("java", "code", "A", "here", List.of("int a;", "}")).isIn(source));
    assertFalse(new CodeBlock("java", "code", "A", "here", List.of()).isIn(source));
  }

  private static List<String> tree() throws IOException {
    List<String> names = new ArrayList<>();
    for (String module : List.of("tensor", "kernels", "nn", "unet-lgg", "benchmarks")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
        files
            .map(file -> ROOT.relativize(file).toString().replace('\\', '/'))
            .filter(name -> !name.contains("/target/"))
            .forEach(names::add);
      }
    }
    return names;
  }
}
