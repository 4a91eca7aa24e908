// SPDX-License-Identifier: Apache-2.0
/**
 * What a Spring Boot application gets of itself: a {@link dev.kelvin.generate.Kelvin} that is opened with the context
 * and closed with it, a chat model, and an embedding model where one is asked for. The properties are those of
 * {@link dev.kelvin.spring.ai.autoconfigure.KelvinProperties}; a bean of the application's own takes the place of any.
 */
package dev.kelvin.spring.ai.autoconfigure;
