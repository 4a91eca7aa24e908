// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

import dev.kelvin.generate.EngineMetrics;

/** What an engine tells of itself, as metrics. Rates and means are quotients of two counters. */
final class EngineMetricText {
    private static final double NANOS = 1e9;

    private EngineMetricText() {}

    @SuppressWarnings("LongDoubleConversion") // the format has floating-point numbers: exact up to 2^53
    static void write(EngineMetrics engine, MetricText text) {
        text.gauge("kelvin_requests_waiting", "Requests that wait for their first step.", engine.waiting());
        text.gauge("kelvin_requests_running", "Answers that are computed.", engine.running());
        text.begin("kelvin_requests_total", "counter", "Requests that came to an end, by how.");
        text.value("{end=\"finished\"}", engine.finished());
        text.value("{end=\"cancelled\"}", engine.cancelled());
        text.value("{end=\"failed\"}", engine.failed());
        text.value("{end=\"refused\"}", engine.refused());
        text.counter("kelvin_prompt_tokens_total", "Tokens of prompts.", engine.promptTokens());
        text.counter("kelvin_cached_tokens_total", "Of them, those computed before.", engine.cachedTokens());
        text.counter("kelvin_generated_tokens_total", "Tokens made.", engine.generatedTokens());
        text.counter("kelvin_drafted_tokens_total", "Tokens that were guessed.", engine.draftedTokens());
        text.counter("kelvin_accepted_tokens_total", "Of them, those that were right.", engine.acceptedTokens());
        text.begin("kelvin_time_to_first_token_seconds", "summary", "From a request to its first token.");
        text.name("kelvin_time_to_first_token_seconds_sum").value("", engine.firstTokenNanos() / NANOS);
        text.name("kelvin_time_to_first_token_seconds_count").value("", engine.firstTokens());
        text.counter("kelvin_steps_total", "Passes through the model.", engine.steps());
        text.counter("kelvin_step_seconds_total", "Time of them.", engine.stepNanos() / NANOS);
        text.counter("kelvin_step_rows_total", "Rows of them; by steps, the size of a batch.", engine.rows());
        text.counter("kelvin_step_sequences_total", "Sequences in them.", engine.sequences());
        text.counter("kelvin_prefix_lookups_total", "Prompts that were looked up.", engine.lookups());
        text.counter("kelvin_prefix_hits_total", "Of them, those that began like an earlier text.", engine.hits());
        text.counter("kelvin_evictions_total", "Answers that gave their memory back for a while.", engine.evictions());
        text.gauge("kelvin_kv_pages", "Pages of keys and values that are held.", engine.kvPages());
        text.gauge("kelvin_kv_bytes", "Their bytes.", engine.kvBytes());
        text.gauge("kelvin_kv_limit_bytes", "The most there may be.", engine.kvLimitBytes());
        text.gauge("kelvin_cached_texts", "Texts that are kept for others.", engine.cachedTexts());
    }
}
