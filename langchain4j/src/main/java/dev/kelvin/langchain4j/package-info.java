// SPDX-License-Identifier: Apache-2.0
/**
 * Models of LangChain4j that run in this JVM. {@link dev.kelvin.langchain4j.KelvinChatModel} and
 * {@link dev.kelvin.langchain4j.KelvinStreamingChatModel} have conversations,
 * {@link dev.kelvin.langchain4j.KelvinEmbeddingModel} makes vectors,
 * {@link dev.kelvin.langchain4j.KelvinTokenCountEstimator} counts tokens.
 *
 * <pre>{@code
 * try (Kelvin kelvin = Kelvin.open(Path.of("model.gguf"))) {
 *     ChatModel model = KelvinChatModel.builder().kelvin(kelvin).build();
 *     String answer = model.chat("What is the capital of Germany?");
 * }
 * }</pre>
 *
 * <p>All of them may share one {@link dev.kelvin.generate.Kelvin}, whose answers are computed together. What goes wrong
 * is told by LangChain4j's own exceptions:
 *
 * <table><caption>Which exception is thrown when</caption>
 * <tr><td>{@code UnsupportedFeatureException}</td><td>there is something else than text in a message</td></tr>
 * <tr><td>{@code InvalidRequestException}</td><td>the prompt is longer than the context, the template refuses the
 * messages, a schema is malformed or not supported, a parameter is out of its range</td></tr>
 * <tr><td>{@code ModelNotFoundException}</td><td>there is no model of that name, or no such file</td></tr>
 * <tr><td>{@code RateLimitException}</td><td>as many requests wait as may</td></tr>
 * <tr><td>{@code TimeoutException}</td><td>the answer took longer than the model's timeout</td></tr>
 * <tr><td>{@code UnresolvedModelServerException}</td><td>the {@code Kelvin} is closed</td></tr>
 * <tr><td>{@code InternalServerException}</td><td>the computation failed</td></tr>
 * </table>
 *
 * <p>Nothing is printed. No parameter in this package may be null, unless its documentation says so.
 */
package dev.kelvin.langchain4j;
