package io.github.glia.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

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
   * The device of that name; {@code auto} is the best one there is.
   *
   * @throws IllegalArgumentException if there is none, with the reason
   */
  public static Device named(String name) {
    if (name.equals("auto")) {
      return Found.BEST_FIRST.get(0);
    }
    String wanted = name.equals("cuda") ? "cuda:0" : name;
    for (Device device : Found.BEST_FIRST) {
      if (device.name().equals(wanted)) {
        return device;
      }
    }
    String why = Found.WHY_NONE.get(kindOf(name));
    throw new IllegalArgumentException(
        "no device \""
            + name
            + "\"; there is "
            + String.join(", ", Found.BEST_FIRST.stream().map(Device::name).toList())
            + (why == null ? "" : ". No " + kindOf(name) + ": " + why));
  }

  /** The CPU, which is always there. */
  public static Device cpu() {
    return named("cpu");
  }

  /** All that are there, the preferred one first. */
  public static List<Device> all() {
    return Found.BEST_FIRST;
  }

  /** The kinds of device that are not there, and why. */
  public static Map<String, String> missing() {
    return Map.copyOf(Found.WHY_NONE);
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

  private static String kindOf(String name) {
    int colon = name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  private static final class Found {
    static final List<Device> BEST_FIRST;
    static final Map<String, String> WHY_NONE = new LinkedHashMap<>();

    static {
      List<DeviceProvider> providers = new ArrayList<>();
      ServiceLoader.load(DeviceProvider.class, DeviceProvider.class.getClassLoader())
          .forEach(providers::add);
      providers.sort((a, b) -> b.preference() - a.preference());
      List<Device> found = new ArrayList<>();
      for (DeviceProvider provider : providers) {
        List<DeviceDriver> drivers = provider.find();
        drivers.forEach(driver -> found.add(new Device(driver)));
        if (drivers.isEmpty()) {
          WHY_NONE.put(provider.kind(), provider.whyNone());
        }
      }
      if (found.isEmpty()) {
        throw new IllegalStateException(
            "no device works here: " + WHY_NONE + ". Is glia-kernels on the class path?");
      }
      BEST_FIRST = List.copyOf(found);
    }
  }
}
