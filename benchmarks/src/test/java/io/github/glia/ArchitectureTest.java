package io.github.glia;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Arrows only go down: unet-lgg to nn to kernels to tensor, and no device is named above kernels.
 */
class ArchitectureTest {
  private static final String TENSOR = "io.github.glia.tensor..";
  private static final String KERNELS = "io.github.glia.kernels..";
  private static final String NN = "io.github.glia.nn..";
  private static final String UNET = "io.github.glia.unet..";
  private static final String BENCHMARKS = "io.github.glia.benchmarks..";
  private static final String[] VENDORS = {"org.bytedeco..", "jcuda.."};
  private static final String[] DEVICES = {
    "io.github.glia.kernels.cpu..", "io.github.glia.kernels.cuda..", "org.bytedeco..", "jcuda.."
  };

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.github.glia");

  /** A rule holds of no classes at all, so first: are they seen? */
  @ParameterizedTest
  @CsvSource({
    "tensor, io.github.glia.tensor",
    "kernels, io.github.glia.kernels",
    "nn, io.github.glia.nn",
    "unet-lgg, io.github.glia.unet"
  })
  void everyModuleThatHasSourcesIsSeen(String module, String root) {
    boolean hasSources = Files.exists(Path.of("..", module, "src", "main", "java"));
    boolean isSeen = MAIN.stream().anyMatch(resideInAPackage(root + ".."));
    assertEquals(hasSources, isSeen, module);
  }

  @Test
  void everyClassBelongsToAModule() {
    holds(
        classes()
            .should()
            .resideInAnyPackage(TENSOR, KERNELS, NN, UNET, BENCHMARKS)
            .because("the rules below speak of these packages"));
  }

  @Test
  void tensorDependsOnTheJdkAlone() {
    holds(
        classes()
            .that()
            .resideInAPackage(TENSOR)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(TENSOR, "java.."));
  }

  @Test
  void kernelsKnowNoNetwork() {
    holds(neverDepends(KERNELS, NN, UNET, BENCHMARKS));
  }

  @Test
  void networksNameNoDeviceAndNoApplication() {
    holds(neverDepends(NN, DEVICES));
    holds(neverDepends(NN, UNET, BENCHMARKS));
  }

  @Test
  void theApplicationNamesNoDevice() {
    holds(neverDepends(UNET, DEVICES));
    holds(neverDepends(UNET, BENCHMARKS));
  }

  @Test
  void vendorsAreCalledByKernelsAlone() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackage(KERNELS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(VENDORS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"io.github.glia.kernels", "io.github.glia.unet"})
  void packagesHaveNoCycles(String root) {
    holds(slices().assignedFrom(packagesWithin(root)).should().beFreeOfCycles());
  }

  @Test
  void randomNumbersComeFromPhilox() {
    holds(
        noClasses()
            .that()
            .resideInAnyPackage(NN, UNET)
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class)
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(Collections.class, "shuffle", List.class)
            .because("a run must draw the same numbers on every device and after a resume"));
  }

  /** Rules that nothing can break would hold too. */
  @Test
  void aBrokenRuleIsNoticed() {
    assertTrue(neverDepends(KERNELS, TENSOR).evaluate(MAIN).hasViolation());
    assertTrue(neverDepends(KERNELS, VENDORS).evaluate(MAIN).hasViolation());
  }

  private static void holds(ArchRule rule) {
    rule.allowEmptyShould(true).check(MAIN);
  }

  private static ArchRule neverDepends(String user, String... used) {
    return noClasses()
        .that()
        .resideInAPackage(user)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(used);
  }

  private static SliceAssignment packagesWithin(String root) {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
        String name = javaClass.getPackageName();
        return name.equals(root) || name.startsWith(root + ".")
            ? SliceIdentifier.of(name)
            : SliceIdentifier.ignore();
      }

      @Override
      public String getDescription() {
        return "the packages of " + root;
      }
    };
  }
}
