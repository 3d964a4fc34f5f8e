/** What is in a data folder, before anything is trained on it. */
package io.github.glia.unet.inspect;
