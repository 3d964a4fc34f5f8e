package io.github.glia.unet.train;

import io.github.glia.nn.Norm;
import io.github.glia.unet.data.Augmentation;
import io.github.glia.unet.data.Sampling;
import java.util.List;

/** What no choice may be, and which choices do not go together. */
final class Contradictions {
  private static final List<String> NORMALIZATIONS = List.of("percentile", "plain");
  private static final int WHOLE = 100;

  private Contradictions() {}

  static void check(TrainOptions o) {
    checkRanges(o);
    Scheduling schedule = Scheduling.parse(o.schedule());
    Augmentation.parse(o.augment());
    Sampling.parse(o.sample());
    checkSplit(o);
    checkSizes(o);
    checkEpochs(o, schedule);
  }

  private static void checkRanges(TrainOptions o) {
    atLeast("epochs", o.epochs(), 1);
    atLeast("batch-size", o.batchSize(), 1);
    atLeast("warm-up", o.warmUp(), 0);
    atLeast("features", o.features(), 1);
    atLeast("depth", o.depth(), 1);
    atLeast("size", o.size(), 1);
    atLeast("patch", o.patch(), 0);
    atLeast("accumulate", o.accumulate(), 1);
    atLeast("early-stopping", o.earlyStopping(), 0);
    atLeast("threads", o.threads(), 1);
    atLeast("checkpoint-seconds", o.checkpointSeconds(), 0);
    require(
        o.learningRate() > 0 && Double.isFinite(o.learningRate()),
        "--learning-rate must be above 0, but is " + o.learningRate());
    require(
        o.weightDecay() >= 0 && Double.isFinite(o.weightDecay()),
        "--weight-decay must be 0 or more, but is " + o.weightDecay());
    require(
        o.momentum() >= 0 && o.momentum() < 1,
        "--momentum must be at least 0 and less than 1, but is " + o.momentum());
    require(
        o.clip() >= 0 && Double.isFinite(o.clip()),
        "--clip must be above 0, or 0 for none, but is " + o.clip());
    require(
        o.ema() >= 0 && o.ema() < 1,
        "--ema must be above 0 and less than 1, or 0 for none, but is " + o.ema());
    require(
        NORMALIZATIONS.contains(o.normalization()),
        "--normalization must be percentile or plain, but is " + o.normalization());
    require(o.depth() <= 8, "--depth must be at most 8, but is " + o.depth());
  }

  private static void checkSplit(TrainOptions o) {
    int sum = 0;
    String[] shares = o.split().split("/", -1);
    for (String share : shares) {
      require(share.matches("[0-9]{1,3}"), splitForm(o));
      sum += Integer.parseInt(share);
    }
    require(sum == WHOLE && (shares.length == 2 || shares.length == 3), splitForm(o));
    require(Integer.parseInt(shares[0]) > 0, "--split leaves nobody to train on: " + o.split());
    if (o.folds() != 0) {
      atLeast("folds", o.folds(), 2);
      require(
          o.fold() >= 1 && o.fold() <= o.folds(),
          "--fold must be from 1 to --folds, " + o.folds() + ", but is " + o.fold());
      require(
          o.splitBy() == TrainOptions.SplitBy.PATIENT,
          "--folds are of patients: they contradict --split-by slice");
      require(
          o.split().equals(TrainOptions.defaults().split()),
          "--folds and --split contradict: each says who validates; give one of them");
    } else {
      require(o.fold() == 1, "--fold needs --folds");
    }
  }

  private static String splitForm(TrainOptions o) {
    return "--split must be percents that make 100, like 80/20 or 70/15/15, but is " + o.split();
  }

  private static void checkSizes(TrainOptions o) {
    int multiple = 1 << o.depth();
    require(
        o.size() % multiple == 0,
        String.format(
            "--size must be a multiple of %d with --depth %d, which halves it %d times; it is %d",
            multiple, o.depth(), o.depth(), o.size()));
    require(
        o.patch() % multiple == 0,
        String.format(
            "--patch must be a multiple of %d with --depth %d, which halves it %d times; it is %d",
            multiple, o.depth(), o.depth(), o.patch()));
    require(
        o.patch() <= o.size(),
        "--patch " + o.patch() + " is larger than the images, --size " + o.size());
    int seen = o.patch() > 0 ? o.patch() : o.size();
    int deepest = seen / multiple;
    require(
        o.norm() != Norm.INSTANCE || deepest > 1,
        "--norm instance needs more than one pixel at the deepest level: take --depth "
            + (o.depth() - 1)
            + " or larger images");
    require(
        o.norm() != Norm.BATCH || deepest > 1 || o.batchSize() > 1,
        "--norm batch needs more than one pixel at the deepest level with --batch-size 1: take"
            + " --norm group or larger images");
  }

  private static void checkEpochs(TrainOptions o, Scheduling schedule) {
    require(
        o.warmUp() < o.epochs(),
        "--warm-up " + o.warmUp() + " is not shorter than --epochs " + o.epochs());
    require(
        o.earlyStopping() < o.epochs(),
        "--early-stopping " + o.earlyStopping() + " never acts within --epochs " + o.epochs());
    require(
        o.earlyStopping() == 0
            || schedule.kind() != Scheduling.Kind.PLATEAU
            || o.earlyStopping() > schedule.every(),
        "--early-stopping "
            + o.earlyStopping()
            + " ends training before --schedule plateau, which waits "
            + schedule.every()
            + " epochs, lowers the rate");
  }

  private static void atLeast(String flag, int value, int least) {
    require(value >= least, "--" + flag + " must be at least " + least + ", but is " + value);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
