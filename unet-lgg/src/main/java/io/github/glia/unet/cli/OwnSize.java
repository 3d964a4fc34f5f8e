package io.github.glia.unet.cli;

import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.evaluate.OriginalSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads patients again, as large as their files are: figures are of the masks as they were drawn.
 *
 * @param how they were read
 */
record OwnSize(Path folder, ReadOptions how) implements OriginalSize {
  /** What is the same slice, whatever its size. */
  private record Key(Path source, int number) {
    static Key of(Slice slice) {
      return new Key(slice.source(), slice.number());
    }
  }

  /** A patient may be a part of the one in the folder, and have another name. */
  @Override
  public Patient of(Patient resized) throws IOException {
    List<String> names = resized.slices().stream().map(Slice::patient).distinct().toList();
    Map<Key, Slice> own = new HashMap<>();
    for (Patient patient : DataFolder.read(folder, how.atOwnSize(), names).patients()) {
      own.putAll(patient.slices().stream().collect(Collectors.toMap(Key::of, slice -> slice)));
    }
    List<Slice> slices = new ArrayList<>();
    for (Slice slice : resized.slices()) {
      Slice same = own.get(Key.of(slice));
      if (same == null) {
        throw new IOException(slice.source() + " could be read before training, and cannot now");
      }
      slices.add(same);
    }
    return new Patient(resized.name(), slices);
  }
}
