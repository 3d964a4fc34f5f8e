/** What a device can compute: one package per operation, and in it one class per device. */
package io.github.glia.kernels;
