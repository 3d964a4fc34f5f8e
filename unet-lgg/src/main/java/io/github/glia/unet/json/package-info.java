/** JSON for configurations and figures. */
package io.github.glia.unet.json;
