package io.github.glia.unet.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The program. Exit code 0 is success, 1 a failure, 2 a command line that cannot be understood. */
@Command(
    name = "glia",
    description = "Finds brain tumours (lower-grade gliomas) in MRI slices with a U-Net.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      InspectCommand.class,
      PhantomCommand.class,
      DevicesCommand.class,
      DoctorCommand.class,
      SummaryCommand.class,
      BenchCommand.class,
    },
    footer = {"", "Not for clinical use. `glia COMMAND --help` tells of a command."})
public final class Main implements Runnable {
  static final int FAILURE = 1;
  static final int USAGE = 2;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  boolean verbose;

  private Main() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    CommandLine train = commandLine.getSubcommands().get("train");
    String[] footer = train.getCommandSpec().usageMessage().footer();
    train.getCommandSpec().usageMessage().footer(TrainChoices.withDefaults(footer));
    commandLine.setParameterExceptionHandler(Main::usage);
    commandLine.setExecutionExceptionHandler(
        (e, failed, parsed) -> {
          if (main.verbose) {
            e.printStackTrace(failed.getErr());
          } else {
            failed.getErr().println("glia: " + message(e));
          }
          return FAILURE;
        });
    return commandLine;
  }

  private static int usage(ParameterException e, String[] args) {
    CommandLine failed = e.getCommandLine();
    failed.getErr().println("glia: " + e.getMessage());
    failed
        .getErr()
        .println("`" + failed.getCommandSpec().qualifiedName() + " --help` tells what it takes.");
    return USAGE;
  }

  /** What went wrong, in a line; exceptions of the JDK often leave out what. */
  private static String message(Exception e) {
    if (e instanceof java.nio.file.NoSuchFileException) {
      return e.getMessage() + ": there is no such file or folder";
    }
    if (e instanceof java.nio.file.AccessDeniedException) {
      return e.getMessage() + ": permission denied";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Reads the version from the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"glia " + (version == null ? "(not from a jar)" : version)};
    }
  }
}
