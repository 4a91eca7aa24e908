// SPDX-License-Identifier: Apache-2.0
/**
 * A corpus of small English stories, made anew from a seed: word lists, a grammar of plots, and the state of one story.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.train.stories.Stories#story}.
 */
package dev.kelvin.train.stories;
