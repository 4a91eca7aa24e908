// SPDX-License-Identifier: Apache-2.0
/**
 * Models as the Hugging Face hub has them: {@link dev.kelvin.format.hub.HubFolder} gives a folder's metadata and
 * tensors the names and values that GGUF has for them, by a table, {@code families.txt}.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.format.hub.ModelFiles#open}, which takes files and folders alike.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.format.hub;
