/** NVIDIA's GPUs: finding and loading CUDA's libraries. */
package io.github.glia.kernels.cuda;
