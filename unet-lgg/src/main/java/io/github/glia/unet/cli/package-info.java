/** The command line: {@code ./glia}. */
package io.github.glia.unet.cli;
