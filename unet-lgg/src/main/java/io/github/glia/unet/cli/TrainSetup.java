package io.github.glia.unet.cli;

import io.github.glia.nn.Parameter;
import io.github.glia.tensor.Device;
import io.github.glia.unet.UNet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.speed.Environment;
import io.github.glia.unet.train.TrainOptions;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** On what, with what and where a network was trained: for people, and for machines. */
final class TrainSetup {
  private final TrainOptions options;
  private final String data;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final int channels;
  private final long parameters;
  private final Map<String, Object> environment;

  /** How many patients of a split there are, and what of them. */
  private record Part(int patients, int slices, int tumourSlices) {
    static Part of(List<Patient> patients) {
      List<Slice> slices = patients.stream().flatMap(patient -> patient.slices().stream()).toList();
      int positive = (int) slices.stream().filter(Slice::isPositive).count();
      return new Part(patients.size(), slices.size(), positive);
    }

    Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("patients", patients);
      json.put("slices", slices);
      json.put("tumourSlices", tumourSlices);
      return json;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%d patients with %d slices, of which %d show tumour",
          patients,
          slices,
          tumourSlices);
    }
  }

  /**
   * @param options with the device and the precision that were trained with
   */
  TrainSetup(TrainOptions options, TrainPatients patients) {
    this.options = options;
    data = patients.data().description();
    parts.put("training", part(patients, patients.split().train()));
    parts.put("validation", part(patients, patients.split().validation()));
    parts.put("test", part(patients, patients.split().test()));
    channels = patients.data().patients().get(0).slices().get(0).channels();
    parameters = parametersOf(options.network(channels));
    environment = Environment.describe(Device.named(options.run().device()));
  }

  private static Part part(TrainPatients patients, Collection<String> names) {
    Map<String, Patient> byName = new TreeMap<>();
    patients.data().patients().forEach(patient -> byName.put(patient.name(), patient));
    return Part.of(names.stream().map(byName::get).toList());
  }

  private static long parametersOf(UNet.Config config) {
    try (UNet network = new UNet(config)) {
      return network.trained().values().stream()
          .map(Parameter::shape)
          .mapToLong(shape -> shape.count())
          .sum();
    }
  }

  /** For the table of the report. */
  Map<String, String> toText() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("data", data);
    parts.forEach((name, part) -> text.put(name + " part", part.toString()));
    text.put("parameters", String.format(Locale.ROOT, "%,d", parameters));
    text.put("channels", Integer.toString(channels));
    text.put("computed on", fact("device_description"));
    text.put(
        "with",
        String.format(Locale.ROOT, "Glia %s; %s; %s", fact("glia"), fact("java"), fact("system")));
    options
        .toJson()
        .forEach((name, value) -> text.putIfAbsent(name, value == null ? "" : value.toString()));
    return text;
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("data", data);
    Map<String, Object> ofParts = new LinkedHashMap<>();
    parts.forEach((name, part) -> ofParts.put(name, part.toJson()));
    json.put("parts", ofParts);
    json.put("network", new TreeMap<>(Map.of("channels", channels, "parameters", parameters)));
    json.put(
        "device",
        new TreeMap<>(Map.of("name", fact("device"), "description", fact("device_description"))));
    Map<String, Object> resolved = options.toJson();
    json.put("precision", resolved.get("precision"));
    json.put(
        "software",
        new TreeMap<>(
            Map.of("glia", fact("glia"), "java", fact("java"), "system", fact("system"))));
    json.put("options", resolved);
    return json;
  }

  private String fact(String name) {
    return environment.get(name).toString();
  }
}
