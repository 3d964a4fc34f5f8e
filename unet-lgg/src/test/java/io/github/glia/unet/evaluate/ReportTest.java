package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportTest {
  private static final Mask EMPTY = Drawn.mask("......", "......", "......", "......");
  private static final Mask SQUARE = Drawn.mask("......", ".###..", ".###..", "......");
  private static final Mask PART = Drawn.mask("......", ".#....", ".#....", "......");

  @TempDir Path folder;

  @Test
  void onePatient() throws Exception {
    List<Patient> patients = List.of(Drawn.patient("only", SQUARE, EMPTY));
    Document page = report(Drawn.evaluate(patients, PART, EMPTY), patients, null, Map.of());
    assertTrue(text(page).contains("The only patient: Dice 0.500"), text(page));
    assertTrue(text(page).contains("of one patient only"));
    assertTrue(text(page).contains("was not recorded"));
    assertFalse(headings(page).contains("Training"));
    assertFalse(headings(page).contains("Setup"));
    assertFalse(headings(page).contains("Left out"));
  }

  @Test
  void twoPatientsAreBestAndWorst() throws Exception {
    List<Patient> patients = List.of(Drawn.patient("a", SQUARE), Drawn.patient("b", SQUARE));
    Document page = report(Drawn.evaluate(patients, PART, SQUARE), patients, null, Map.of());
    assertTrue(text(page).contains("Best: Dice 1.000"));
    assertTrue(text(page).contains("Worst: Dice 0.500"));
    assertFalse(text(page).contains("Median: Dice"));
  }

  @Test
  void nonePositiveAndNothingWrong() throws Exception {
    List<Patient> patients = List.of(Drawn.patient("a", EMPTY, EMPTY), Drawn.patient("b", EMPTY));
    Document page = report(Drawn.evaluate(patients, EMPTY, EMPTY, EMPTY), patients, null, Map.of());
    assertTrue(text(page).contains("Nothing: in every slice every pixel is right."));
    assertTrue(text(page).contains("0 of 0"));
    assertFalse(text(page).contains("NaN"));
  }

  @Test
  void manyPatients() throws Exception {
    Philox random = new Philox(8, 0);
    List<Patient> patients = new ArrayList<>();
    List<Mask> predictions = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      patients.add(
          Drawn.patient(
              "p" + i, Drawn.random(random, 1, 20, 20, 0.1), Drawn.random(random, 1, 20, 20, 0)));
      predictions.add(Drawn.random(random, 1, 20, 20, 0.1));
      predictions.add(Drawn.random(random, 1, 20, 20, i % 2 * 0.05));
    }
    Evaluation evaluation = Drawn.evaluate(patients, predictions.toArray(Mask[]::new));
    Document page = report(evaluation, patients, history(), Map.of(Report.SPLIT, "40 unseen"));
    assertEquals(
        List.of(
            "Training",
            "Distribution",
            "Threshold and tumour size",
            "Best, median and worst",
            "What went wrong",
            "All metrics",
            "Patients",
            "Setup",
            "How this was measured"),
        headings(page));
    assertTrue(text(page).contains("over 40 patients with 80 slices, at threshold 0.50"));
    assertTrue(text(page).contains("Split: 40 unseen Not for clinical use."));
    assertEquals(6, elements(page, "svg").size());
    assertEquals(3 + 3, elements(page, "article").size());
    assertEquals(40, elements(page, "tr").size() - 4 - 3 * Metric.values().length);
    assertTrue(text(page).contains("best: 0.800"));
  }

  @Test
  void namesAreNotMarkup() throws Exception {
    String name = "<script>alert('a')</script>&\"\u0000\ud800";
    List<Patient> patients = List.of(Drawn.patient("a" + name.substring(0, 29), SQUARE));
    Evaluation evaluation =
        Drawn.evaluate(patients, PART)
            .withSkipped(List.of(new Problem(Path.of("b<i>.tif"), "is <odd>")));
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put(name, name);
    setup.put(Report.SPLIT, name);
    Document page = report(evaluation, patients, null, setup);
    assertEquals(0, elements(page, "script").size());
    assertEquals(0, elements(page, "i").size());
    assertTrue(text(page).contains("<script>alert('a')</script>&\"\ufffd\ufffd"));
    assertTrue(text(page).contains("b<i>.tif: is <odd>"));
  }

  @Test
  void picturesHaveTextsAndCanBeRead() throws Exception {
    List<Patient> patients = List.of(Drawn.patient("a", SQUARE));
    Document page = report(Drawn.evaluate(patients, PART), patients, null, Map.of());
    List<Element> images = elements(page, "img");
    assertEquals(4, images.size());
    for (Element image : images) {
      assertFalse(image.getAttribute("alt").isBlank());
      String[] parts = image.getAttribute("src").split(",", -1);
      assertEquals("data:image/png;base64", parts[0]);
      assertNotNull(ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(parts[1]))));
    }
    for (Element chart : elements(page, "svg")) {
      assertFalse(chart.getAttribute("aria-label").isBlank());
    }
  }

  @Test
  void aTrainingThatWentWrongIsShownAsFarAsItGoes() throws Exception {
    double nan = Double.NaN;
    List<Patient> patients = List.of(Drawn.patient("a", SQUARE));
    TrainingHistory history =
        new TrainingHistory(
            List.of(
                new Epoch(1, 0.5, nan, nan, nan, nan, nan),
                new Epoch(2, Double.POSITIVE_INFINITY, nan, nan, nan, nan, nan),
                new Epoch(3, nan, nan, nan, nan, nan, nan)));
    Document page = report(Drawn.evaluate(patients, PART), patients, history, Map.of());
    assertTrue(headings(page).contains("Training"));
    assertFalse(text(page).contains("NaN"));
    TrainingHistory none = new TrainingHistory(List.of());
    assertFalse(
        headings(report(Drawn.evaluate(patients, PART), patients, none, Map.of()))
            .contains("Training"));
  }

  @Test
  void blackSlicesHavePicturesToo() throws Exception {
    Patient patient = Drawn.patient("a", EMPTY);
    Arrays.fill(patient.slices().get(0).image(), (byte) 0);
    Document page =
        report(Drawn.evaluate(List.of(patient), EMPTY), List.of(patient), null, Map.of());
    assertEquals("6", elements(page, "img").get(0).getAttribute("width"));
  }

  @Test
  void sameEachTime() throws Exception {
    List<Patient> patients = List.of(Drawn.patient("a", SQUARE), Drawn.patient("b", EMPTY));
    Evaluation evaluation = Drawn.evaluate(patients, PART, EMPTY);
    Path first = folder.resolve("first.html");
    Path second = folder.resolve("second.html");
    Report.write(first, evaluation, patients, history(), Map.of());
    Report.write(second, evaluation, patients, history(), Map.of());
    assertEquals(-1, Files.mismatch(first, second));
  }

  @Test
  void refusesOtherPatients() {
    List<Patient> patients = List.of(Drawn.patient("a", SQUARE));
    Evaluation evaluation = Drawn.evaluate(patients, PART);
    List<Patient> others = List.of(Drawn.patient("b", SQUARE));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Report.write(folder.resolve("r.html"), evaluation, others, null, Map.of()));
    assertEquals(
        "the report needs the patients that were evaluated, [a], but got [b]", e.getMessage());
  }

  private static TrainingHistory history() {
    return new TrainingHistory(
        IntStream.rangeClosed(1, 4)
            .mapToObj(i -> new Epoch(i, 1.0 / i, 1.2 / i, i == 3 ? 0.8 : 0.2 * i / 2, 1e-4, 60, 0))
            .toList());
  }

  /** Writes the report, parses it, and looks for anything that points out of it. */
  @Test
  void withNobodyHeldOutItHasNoFigures() throws Exception {
    Epoch first = new Epoch(1, 0.9, Double.NaN, Double.NaN, 1e-3, 2, 0);
    Epoch second = new Epoch(2, 0.4, Double.NaN, Double.NaN, 1e-4, 2, 0);
    Path file = folder.resolve("report.html");
    Report.writeWithoutFigures(
        file, new TrainingHistory(List.of(first, second)), Map.of(Report.SPLIT, "a <split>"));
    Document page = parse(file);
    String text = text(page);
    assertEquals(List.of("Training", "Setup"), headings(page));
    assertTrue(text.contains("Nothing was held out"), text);
    assertTrue(text.contains("Not for clinical use."), text);
    assertTrue(text.contains("a <split>"), text);
    assertTrue(text.contains("Loss on training"), text);
    assertFalse(text.contains("alidation") || text.contains("NaN"), text);
  }

  private Document report(
      Evaluation evaluation,
      List<Patient> patients,
      TrainingHistory history,
      Map<String, String> setup)
      throws Exception {
    Path file = folder.resolve("report.html");
    Report.write(file, evaluation, patients, history, setup);
    Document page = parse(file);
    for (Element element : elements(page, "*")) {
      for (String attribute : List.of("src", "href", "xlink:href", "data", "action", "srcset")) {
        String value = element.getAttribute(attribute);
        assertTrue(value.isEmpty() || value.startsWith("data:image/png;base64,"), value);
      }
      assertFalse(List.of("script", "link", "iframe", "object").contains(element.getTagName()));
    }
    String css = elements(page, "style").get(0).getTextContent();
    assertFalse(css.contains("url(") || css.contains("@import"), "the style loads something");
    assertTrue(css.contains("prefers-color-scheme: dark") && css.contains("@media print"));
    return page;
  }

  private static Document parse(Path file) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(read(file))));
  }

  private static String read(Path file) throws IOException {
    String html = Files.readString(file);
    assertTrue(html.startsWith("<!DOCTYPE html>\n"));
    return html;
  }

  private static List<Element> elements(Document page, String name) {
    NodeList nodes = page.getElementsByTagName(name);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
  }

  private static List<String> headings(Document page) {
    return elements(page, "h2").stream().map(Element::getTextContent).toList();
  }

  private static String text(Document page) {
    return elements(page, "body").get(0).getTextContent();
  }
}
