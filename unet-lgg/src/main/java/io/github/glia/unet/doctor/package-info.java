/** Whether devices compute what they should. */
package io.github.glia.unet.doctor;
