/** A first network: data drawn at run time, a small U-Net, and the loop that trains it. */
package io.github.glia.nn.example;
