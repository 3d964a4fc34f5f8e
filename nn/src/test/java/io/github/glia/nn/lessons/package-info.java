/** The programs of docs/backprop: each prints the numbers that its lesson shows. */
package io.github.glia.nn.lessons;
