package io.github.glia.unet.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets Ctrl-C end a training in order: it is told to stop, and the process waits until it has saved
 * and {@link #close} is called.
 */
public final class Interruption implements AutoCloseable {
  private static final long LONGEST_WAIT_SECONDS = 120;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook;

  /** From here on Ctrl-C, and a polite kill, end the training in order. */
  public Interruption(Trainer trainer) {
    hook = new Thread(() -> stopAndWait(trainer), "stop training");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stopAndWait(Trainer trainer) {
    trainer.stop();
    try {
      if (!done.await(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(
            "the training did not stop in " + LONGEST_WAIT_SECONDS + " s; ending without saving");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The training has ended and everything was said: the process may end. */
  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook is running, or has run: that is what it is for, and there is nothing to remove.
      return;
    }
  }
}
