/** JSON for configurations, checkpoints and figures. */
package io.github.glia.unet.json;
