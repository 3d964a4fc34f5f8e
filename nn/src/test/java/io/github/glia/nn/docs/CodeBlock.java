package io.github.glia.nn.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fenced block of a document, and what the comment above it says of its source: {@code <!-- code:
 * nn/src/….java -->} for lines of that file, {@code <!-- output: nn/src/….java -->} for what its
 * main method prints.
 *
 * @param kind {@code code}, {@code output}, or empty where there is no such comment
 * @param place the document and the line, for errors
 */
public record CodeBlock(
    String language, String kind, String file, String place, List<String> lines) {
  private static final Pattern SOURCE = Pattern.compile("<!-- (code|output): (\\S+) -->");

  public CodeBlock {
    lines = List.copyOf(lines);
  }

  /** All blocks of a document. */
  public static List<CodeBlock> in(Path document) throws IOException {
    List<String> text = Files.readAllLines(document);
    List<CodeBlock> blocks = new ArrayList<>();
    for (int i = 0; i < text.size(); i++) {
      if (text.get(i).startsWith("```")) {
        int start = i;
        List<String> lines = new ArrayList<>();
        while (!text.get(++i).equals("```")) {
          lines.add(text.get(i));
        }
        Matcher source = SOURCE.matcher(start == 0 ? "" : text.get(start - 1));
        boolean named = source.matches();
        blocks.add(
            new CodeBlock(
                text.get(start).substring(3),
                named ? source.group(1) : "",
                named ? source.group(2) : "",
                document.getFileName() + ":" + (start + 1),
                lines));
      }
    }
    return blocks;
  }

  /** Whether the lines stand in the source one after the other, at any indentation. */
  boolean isIn(List<String> source) {
    if (lines.isEmpty()) {
      return false;
    }
    for (int from = 0; from + lines.size() <= source.size(); from++) {
      int indentation = source.get(from).indexOf(lines.get(0).strip());
      if (indentation >= 0 && matches(source.subList(from, from + lines.size()), indentation)) {
        return true;
      }
    }
    return false;
  }

  private boolean matches(List<String> part, int indentation) {
    String margin = " ".repeat(indentation);
    for (int i = 0; i < part.size(); i++) {
      String line = lines.get(i);
      if (!part.get(i).equals(line.isEmpty() ? "" : margin + line)) {
        return false;
      }
    }
    return true;
  }
}
