/** The CPU: oneDNN's engine and stream, host memory, and threads for kernels of plain Java. */
package io.github.glia.kernels.cpu;
