package io.github.glia.unet.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The flags of {@code train}, each null where it is not given. */
final class TrainFlags {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The folder of slices: Kaggle LGG, BraTS NIfTI, or images with _mask files. Without it, made-up brains.")
  String data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where the model, its curves and the report are written. Default: runs/DATE-TIME.")
  String out;

  @Option(names = "--device", paramLabel = "NAME", description = "auto, cpu or cuda:N.")
  String device;

  @Option(names = "--epochs", paramLabel = "N", description = "How often every slice is seen.")
  Integer epochs;

  @Option(names = "--batch-size", paramLabel = "N", description = "Slices of one step.")
  Integer batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      description = "The highest learning rate.")
  Double learningRate;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      description = "dice, bce, bce-dice, tversky, focal or jaccard.")
  String loss;

  @Option(names = "--optimizer", paramLabel = "NAME", description = "adam, adamw or sgd.")
  String optimizer;

  @Option(names = "--weight-decay", paramLabel = "SHARE", description = "Pulls weights towards 0.")
  Double weightDecay;

  @Option(names = "--momentum", paramLabel = "SHARE", description = "Of sgd.")
  Double momentum;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description =
          "constant, cosine, poly[:POWER], step[:EPOCHS[:FACTOR]] or plateau[:EPOCHS[:FACTOR]].")
  String schedule;

  @Option(
      names = "--warm-up",
      paramLabel = "EPOCHS",
      description = "Epochs in which the learning rate rises.")
  Integer warmUp;

  @Option(names = "--features", paramLabel = "N", description = "Features of the first level.")
  Integer features;

  @Option(names = "--depth", paramLabel = "N", description = "How often the size is halved.")
  Integer depth;

  @Option(names = "--norm", paramLabel = "NAME", description = "batch, instance, group or none.")
  String norm;

  @Option(names = "--up", paramLabel = "NAME", description = "transposed or bilinear.")
  String up;

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
      names = "--split",
      paramLabel = "SHARES",
      description = "Patients that train, validate and perhaps test: 80/20, 70/15/15.")
  String split;

  @Option(
      names = "--split-by",
      paramLabel = "WHAT",
      description = "patient, or slice, which leaks.")
  String splitBy;

  @Option(
      names = "--folds",
      paramLabel = "K",
      description = "Cross-validation with K folds instead of --split.")
  Integer folds;

  @Option(names = "--fold", paramLabel = "I", description = "The fold that validates, from 1.")
  Integer fold;

  @Option(
      names = "--augment",
      paramLabel = "WHAT",
      description = "standard, none, or ranges such as flip,rotation=15,zoom=0.1,elastic=0.03.")
  String augment;

  @Option(
      names = "--sample",
      paramLabel = "WHAT",
      description = "natural, or balanced[:SHARE] of slices with tumour.")
  String sample;

  @Option(names = "--precision", paramLabel = "TYPE", description = "auto, f32, bf16 or f16.")
  String precision;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "Batches whose gradients are added up before a step.")
  Integer accumulate;

  @Option(
      names = "--clip",
      paramLabel = "NORM",
      description = "The largest norm of the gradients; 0 does not clip.")
  Double clip;

  @Option(
      names = "--ema",
      paramLabel = "DECAY",
      description = "Validates and saves a moving average of the weights; 0 has none.")
  Double ema;

  @Option(
      names = "--early-stopping",
      paramLabel = "EPOCHS",
      description = "Stops after so many epochs without a better Dice; 0 never does.")
  Integer earlyStopping;

  @Option(names = "--seed", paramLabel = "N", description = "Of everything random.")
  Long seed;

  @Option(names = "--threads", paramLabel = "N", description = "That prepare batches.")
  Integer threads;

  @Option(
      names = "--checkpoint-seconds",
      paramLabel = "N",
      description = "How long a run goes at most without saving.")
  Integer checkpointSeconds;

  @Option(
      names = "--strict",
      description = "Stop at the first file that is not right, instead of going on without it.")
  Boolean strict;

  @Option(names = "--deterministic", description = "Two runs give the same bits.")
  Boolean deterministic;

  @Option(names = "--resume", description = "Go on from the last checkpoint in --out.")
  Boolean resume;

  /** Those that are given, by their names. */
  Map<String, Object> given() {
    Map<String, Object> given = new LinkedHashMap<>();
    given.put("data", data);
    given.put("out", out);
    given.put("device", device);
    given.put("epochs", epochs);
    given.put("batch-size", batchSize);
    given.put("learning-rate", learningRate);
    given.put("loss", loss);
    given.put("optimizer", optimizer);
    given.put("weight-decay", weightDecay);
    given.put("momentum", momentum);
    given.put("schedule", schedule);
    given.put("warm-up", warmUp);
    given.put("features", features);
    given.put("depth", depth);
    given.put("norm", norm);
    given.put("up", up);
    given.put("size", size);
    given.put("patch", patch);
    given.put("normalization", normalization);
    given.put("modalities", modalities);
    given.put("split", split);
    given.put("split-by", splitBy);
    given.put("folds", folds);
    given.put("fold", fold);
    given.put("augment", augment);
    given.put("sample", sample);
    given.put("precision", precision);
    given.put("accumulate", accumulate);
    given.put("clip", clip);
    given.put("ema", ema);
    given.put("early-stopping", earlyStopping);
    given.put("seed", seed);
    given.put("threads", threads);
    given.put("checkpoint-seconds", checkpointSeconds);
    given.put("strict", strict);
    given.put("deterministic", deterministic);
    given.put("resume", resume);
    given.values().removeIf(value -> value == null);
    return given;
  }
}
