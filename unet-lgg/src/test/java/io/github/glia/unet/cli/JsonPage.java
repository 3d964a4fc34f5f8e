package io.github.glia.unet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code docs/json.md} says of keys: tables whose first column is headed {@code key}, with the
 * type in the second. A table that is headed with another word, such as {@code METRIC}, lists what
 * that word stands for in the keys.
 */
final class JsonPage {
  private JsonPage() {}

  /** The keys of a section with their types. */
  static Map<String, String> keys(Path page, String section) throws IOException {
    Map<String, List<String>> words = new LinkedHashMap<>();
    Map<String, String> keys = new TreeMap<>();
    String head = "";
    boolean wanted = false;
    for (String line : Files.readAllLines(page)) {
      if (line.startsWith("## ")) {
        wanted = line.equals("## " + section);
      }
      String[] cells = line.split("\\|", -1);
      if (!wanted || cells.length < 3 || cells[1].startsWith(" ---")) {
        head = cells.length < 3 ? "" : head;
      } else if (head.isEmpty()) {
        head = cells[1].strip();
      } else if (head.equals("key")) {
        keys.put(code(cells[1]), cells[2].strip());
      } else {
        words.computeIfAbsent(head, word -> new ArrayList<>()).add(code(cells[1]));
      }
    }
    words.forEach((word, meanings) -> replace(keys, word, meanings));
    return keys;
  }

  private static void replace(Map<String, String> keys, String word, List<String> meanings) {
    for (String key : List.copyOf(keys.keySet())) {
      if (key.contains(word)) {
        String type = keys.remove(key);
        meanings.forEach(meaning -> keys.put(key.replace(word, meaning), type));
      }
    }
  }

  private static String code(String cell) {
    return cell.strip().replace("`", "");
  }

  /** Every key that a value has, with what was found there. */
  static Map<String, List<Object>> found(Object json) {
    Map<String, List<Object>> found = new TreeMap<>();
    collect("", json, found);
    return found;
  }

  private static void collect(String key, Object value, Map<String, List<Object>> found) {
    if (value instanceof Map<?, ?> object) {
      object.forEach(
          (name, member) -> collect(key.isEmpty() ? "" + name : key + "." + name, member, found));
    } else if (value instanceof List<?> list && list.stream().anyMatch(i -> i instanceof Map)) {
      list.forEach(item -> collect(key + "[]", item, found));
    } else {
      found.computeIfAbsent(key, name -> new ArrayList<>()).add(value);
    }
  }

  /** Whether a value is of the type that the page says. */
  static boolean is(String type, Object value) {
    return switch (type) {
      case "whole number" -> value instanceof Double number && number == Math.rint(number);
      case "number" -> value instanceof Double;
      case "share" -> value instanceof Double share && share >= 0 && share <= 1;
      case "option" -> !(value instanceof Map || value instanceof List);
      case "number or null" -> value == null || value instanceof Double;
      case "text" -> value instanceof String text && !text.isEmpty();
      case "texts" ->
          value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
      case "two numbers or null" ->
          value instanceof List<?> list
              && list.size() == 2
              && list.stream().allMatch(item -> is("number or null", item));
      default -> throw new IllegalArgumentException("the page has the unknown type " + type);
    };
  }
}
