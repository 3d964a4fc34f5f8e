package io.github.glia.unet.cli;

import java.util.Map;
import picocli.CommandLine.Option;

/**
 * What is read and what training sees of it: flags of {@code train}, each null where it is not
 * given.
 */
final class TrainDataFlags {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The folder of slices: Kaggle LGG, BraTS NIfTI, or images with _mask files. Without it, made-up brains.")
  String data;

  @Option(names = "--size", paramLabel = "N", description = "Slices are resized to N×N.")
  Integer size;

  @Option(
      names = "--patch",
      paramLabel = "N",
      description = "Trains on pieces of N×N; 0 for whole slices.")
  Integer patch;

  @Option(
      names = "--normalization",
      paramLabel = "NAME",
      description = "percentile (per volume and channel) or plain.")
  String normalization;

  @Option(
      names = {"--modalities", "--modality"},
      paramLabel = "NAMES",
      description = "Of NIfTI volumes, separated by commas: t1, t1ce, t2, flair; or all.")
  String modalities;

  @Option(
      names = "--strict",
      description = "Stop at the first file that is not right, instead of going on without it.")
  Boolean strict;

  @Option(
      names = "--augment",
      paramLabel = "WHAT",
      description =
          "strong, standard, none, or ranges such as flip=0.5,rotation=15,zoom=0.1,elastic=0.03.")
  String augment;

  @Option(
      names = "--sample",
      paramLabel = "WHAT",
      description = "natural, or balanced[:SHARE] of slices with tumour.")
  String sample;

  @Option(
      names = "--split",
      paramLabel = "SHARES|FILE",
      description =
          "Patients that train, validate and perhaps test: 80/20, 70/15/15, or 100/0 for a final"
              + " model; or the split.json of an earlier run.")
  String split;

  @Option(
      names = "--split-by",
      paramLabel = "WHAT",
      description = "patient, or slice, which leaks, and of which no split.json is written.")
  String splitBy;

  @Option(
      names = "--folds",
      paramLabel = "K",
      description = "Cross-validation with K folds instead of --split.")
  Integer folds;

  @Option(names = "--fold", paramLabel = "I", description = "The fold that validates, from 1.")
  Integer fold;

  /** Adds all of them by their names. */
  void putInto(Map<String, Object> flags) {
    flags.put("data", data);
    flags.put("size", size);
    flags.put("patch", patch);
    flags.put("normalization", normalization);
    flags.put("modalities", modalities);
    flags.put("strict", strict);
    flags.put("augment", augment);
    flags.put("sample", sample);
    flags.put("split", split);
    flags.put("split-by", splitBy);
    flags.put("folds", folds);
    flags.put("fold", fold);
  }
}
