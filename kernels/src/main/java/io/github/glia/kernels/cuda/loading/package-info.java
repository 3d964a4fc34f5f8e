/** Finds CUDA's libraries on this machine and loads them into this process. */
package io.github.glia.kernels.cuda.loading;
