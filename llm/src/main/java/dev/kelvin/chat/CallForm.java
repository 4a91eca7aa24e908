// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

/**
 * How calls of tools are written whose arguments are JSON: {@code open}, then for each call {@code beforeName}, its
 * name, {@code beforeArguments}, its arguments, {@code afterArguments}, with {@code separator} between calls, then
 * {@code close}.
 *
 * @param open before the first
 * @param beforeName before a name
 * @param beforeArguments between name and arguments
 * @param afterArguments behind the arguments
 * @param separator between calls; null where there is one call an answer
 * @param close behind the last
 */
public record CallForm(
        String open, String beforeName, String beforeArguments, String afterArguments, String separator, String close) {
    static final CallForm HERMES =
            new CallForm("", "<tool_call>\n{\"name\": \"", "\", \"arguments\": ", "}\n</tool_call>", "\n", "");
    static final CallForm MISTRAL =
            new CallForm("[TOOL_CALLS][", "{\"name\": \"", "\", \"arguments\": ", "}", ", ", "]");
    static final CallForm MISTRAL_ARGUMENTS = new CallForm("", "[TOOL_CALLS]", "[ARGS]", "", "", "");
    static final CallForm LLAMA = new CallForm("", "{\"name\": \"", "\", \"parameters\": ", "}", "; ", "");
    static final CallForm GRANITE =
            new CallForm("<|tool_call|>[", "{\"name\": \"", "\", \"arguments\": ", "}", ", ", "]");
    static final CallForm COMMAND_R = new CallForm(
            "<|START_ACTION|>[\n",
            "    {\"tool_call_id\": \"0\", \"tool_name\": \"",
            "\", \"parameters\": ",
            "}",
            ",\n",
            "\n]<|END_ACTION|>");
    static final CallForm HARMONY =
            new CallForm("", "<|channel|>commentary to=functions.", " <|constrain|>json<|message|>", "", null, "");
}
