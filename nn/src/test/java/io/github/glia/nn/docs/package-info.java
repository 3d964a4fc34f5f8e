/** The code that docs/ shows, compiled and run, and the tests that keep the two the same. */
package io.github.glia.nn.docs;
