// SPDX-License-Identifier: Apache-2.0
/**
 * Models of Spring AI that run in this JVM: {@link dev.kelvin.spring.ai.KelvinChatModel} answers, streams and calls
 * tools, {@link dev.kelvin.spring.ai.KelvinEmbeddingModel} makes vectors. Both stand on a
 * {@link dev.kelvin.generate.Kelvin} that is opened once and used by all.
 */
package dev.kelvin.spring.ai;
