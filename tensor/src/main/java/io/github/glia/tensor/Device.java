package io.github.glia.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * A place where tensors live and kernels run: {@code cpu}, {@code cuda:0}, ….
 *
 * <p>There is one {@code Device} for each place, so devices may be compared with {@code ==}.
 */
public final class Device {
  private final DeviceDriver driver;
  private final Memory memory;

  private Device(DeviceDriver driver) {
    this.driver = driver;
    this.memory = new Memory(driver);
  }

  /**
   * The device of that name; {@code auto} is the best one there is, and a kind alone, {@code cuda},
   * is the first of that kind.
   *
   * @throws IllegalArgumentException if there is none, with the reason
   */
  public static Device named(String name) {
    List<Device> devices = all();
    if (name.equals("auto")) {
      return devices.get(0);
    }
    for (Device device : devices) {
      if (device.name().equals(name) || device.kind().equals(name)) {
        return device;
      }
    }
    throw new IllegalArgumentException(
        "no device \""
            + name
            + "\"; there is "
            + String.join(", ", devices.stream().map(Device::name).toList())
            + whyMissing(kindOf(name)));
  }

  /** Of a kind that is missing, why; of a kind that nobody knows, why others are missing. */
  private static String whyMissing(String kind) {
    if (all().stream().anyMatch(device -> device.kind().equals(kind))) {
      return "";
    }
    return Found.WHY_NONE.entrySet().stream()
        .filter(missing -> !Found.WHY_NONE.containsKey(kind) || missing.getKey().equals(kind))
        .map(missing -> ". No " + missing.getKey() + ": " + missing.getValue())
        .collect(Collectors.joining());
  }

  private static String kindOf(String name) {
    int colon = name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  private String kind() {
    return kindOf(name());
  }

  /** The CPU, which is always there. */
  public static Device cpu() {
    return named("cpu");
  }

  /**
   * All that are there, the preferred one first.
   *
   * @throws IllegalStateException if there is none at all
   */
  public static List<Device> all() {
    if (Found.BEST_FIRST.isEmpty()) {
      throw new IllegalStateException(
          "no device works here: " + Found.WHY_NONE + ". Is glia-kernels on the class path?");
    }
    return Found.BEST_FIRST;
  }

  /** The kinds of device that are not there, and why. */
  public static Map<String, String> missing() {
    return Collections.unmodifiableMap(Found.WHY_NONE);
  }

  /** The libraries of each kind of device, found or missing, for those who look for a fault. */
  public static Map<String, List<String>> libraries() {
    return Collections.unmodifiableMap(Found.LIBRARIES);
  }

  public String name() {
    return driver.name();
  }

  /** Model, memory and library versions, in one line. */
  public String description() {
    return driver.description();
  }

  /** Whether layers can compute in this type here. */
  public boolean computes(DType dtype) {
    return driver.computes(dtype);
  }

  /** What is allocated here, and by whom. */
  public Memory memory() {
    return memory;
  }

  /** Returns when all that was asked of this device is done. */
  public void synchronize() {
    driver.synchronize();
  }

  /**
   * Whether products of F32 may be computed in TF32 where the device has it: faster, with the range
   * of F32 and the precision of F16. Not allowed unless the system property {@code glia.tf32} is
   * true. Not to be called while the device computes.
   */
  public void allowTf32(boolean allowed) {
    driver.allowTf32(allowed);
  }

  /**
   * Whether two runs have to give the same bits, which may be slower. Not to be called while the
   * device computes.
   */
  public void deterministic(boolean wanted) {
    driver.deterministic(wanted);
  }

  /** Gives back what is kept for reuse: plans, workspaces, free memory. Tensors are not touched. */
  public void releaseCaches() {
    driver.releaseCaches();
    memory.trim();
  }

  /** For kernels. */
  public DeviceDriver driver() {
    return driver;
  }

  @Override
  public String toString() {
    return name();
  }

  private static final class Found {
    static final List<Device> BEST_FIRST;
    static final Map<String, String> WHY_NONE = new LinkedHashMap<>();
    static final Map<String, List<String>> LIBRARIES = new LinkedHashMap<>();

    static {
      List<DeviceProvider> providers = new ArrayList<>();
      ServiceLoader.load(DeviceProvider.class, DeviceProvider.class.getClassLoader())
          .forEach(providers::add);
      providers.sort(Comparator.comparingInt(DeviceProvider::preference).reversed());
      List<Device> found = new ArrayList<>();
      for (DeviceProvider provider : providers) {
        List<DeviceDriver> drivers = provider.find();
        drivers.forEach(driver -> found.add(new Device(driver)));
        if (drivers.isEmpty()) {
          WHY_NONE.put(provider.kind(), provider.whyNone());
        }
        if (!provider.libraries().isEmpty()) {
          LIBRARIES.put(provider.kind(), List.copyOf(provider.libraries()));
        }
      }
      BEST_FIRST = List.copyOf(found);
    }
  }
}
