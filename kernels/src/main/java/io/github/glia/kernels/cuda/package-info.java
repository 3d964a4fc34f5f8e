/** NVIDIA's GPUs: the device, its memory, and what kernels on it are made of. */
package io.github.glia.kernels.cuda;
