// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link UsageMessage} and {@link PromptWords}: mistakes in plain sentences, and what counts as a prompt. */
class UsageMessageTest {
    /** Words of the parser that nobody who did not write it understands. */
    private static final String JARGON = "(?s).*(Unmatched|argument at index|Invalid value|positional|Missing required|"
            + "Expected parameter|is not a (long|int|double|float|boolean)|Possible solutions|should be specified only|"
            + "Unknown option|Could not|Exception).*";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "generate|--seed|x| --seed: 'x' is not a whole number from -9223372036854775808 to 9223372036854775807",
                "generate|--seed|1.5| --seed: '1.5' is not a whole number from -9223372036854775808 to 9223372036854775807",
                "generate|--threads|0| --threads: '0' is less than 1",
                "generate|--max-tokens|many| --max-tokens: 'many' is not a whole number up to 2147483647",
                "generate|--temperature|warm| --temperature: 'warm' is not a number",
                "generate|--temperature|--echo| --temperature needs a value: --temperature T",
                "generate|--echo|--model| --model needs a value: --model FILE",
                "generate|--tempreature|1| there is no option --tempreature; did you mean --temperature?",
                "generate|-temperature|1| there is no option -temperature; did you mean --temperature?",
                "generate|--nonsense|1| there is no option --nonsense",
                "generate|--echo=yes|x| --echo takes no value",
                "generate|Hello|there| put the prompt in quotes: \"Hello there\"",
                "inspect|a.gguf|b.gguf| 'b.gguf' is one argument too many; a text of several words is put in quotes",
                "inspect|--json=1|x| --json takes no value",
                "tokenize|Hello|there| put the prompt in quotes: \"Hello there\"",
                "tokenize|--ids|1,x| --ids: 'x' is not a whole number up to 2147483647",
                "train|--lr|fast| --lr: 'fast' is not a finite number",
                "train|--lr|inf| --lr: 'inf' is not a finite number",
                "train|--data|x| give --out FILE",
                "train|--untied|--recompute| give --data FILE and --out FILE",
                "quantize|--type|Q9| --type: 'Q9' is none of",
                "logits|--threads|2000| --threads: '2000' is more than 1024",
                "temperature|--logits|1,two| --logits: 'two' is not a number",
                "help|nonsense| | there is no command 'nonsense'",
                "generat|--model|x| there is no command 'generat'; did you mean 'generate'? (A prompt of this word: kelvin generate generat)",
                "--generate|--model|x| a command has no dashes: generate",
                "--debug|inspect|x| there is no option --debug before a command",
            })
    void mistakesAreToldInPlainSentences(String first, String second, String third, String said) {
        String[] args = third == null ? new String[] {first, second} : new String[] {first, second, third};
        String refusal = Outcome.of(args).refusal();
        assertEquals(
                "kelvin: " + said,
                refusal.lines().findFirst().orElse("").replaceFirst(" none of .*", " none of"),
                refusal);
        assertFalse(refusal.matches(JARGON), refusal);
        assertEquals(2, refusal.lines().count(), refusal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Once upon a time",
                "once",
                "hello",
                "Lily",
                "你好世界",
                "¿que?",
                "été",
                "\"Hi\"",
                "(once",
                "42",
                "3.14",
                "@home",
                "#1",
                "$",
                "…",
                "🙂",
                "a",
                "",
                " ",
                "\n",
                "-",
                "- once upon a time",
                "-5 degrees",
                "--- a line",
                "generate a story",
                "help!",
                "train-station"
            })
    void whatIsNoCommandIsAPrompt(String prompt) {
        assertArrayEquals(
                new String[] {"generate", "--echo", "--prompt", prompt, "--seed", "1"},
                Main.withCommand(new String[] {prompt, "--seed", "1"}));
        if (!prompt.equals("-")) {
            Outcome.of(Main.withCommand(new String[] {prompt, "--max-tokens", "1", "--seed", "1"}))
                    .result();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "generate",
                "generate x",
                "help",
                "--help",
                "-h",
                "--version",
                "generat",
                "genrate --model x",
                "tokenise x",
                "perplexty",
                "--debug inspect x"
            })
    void commandsAndMisspeltOnesAreNone(String line) {
        String[] args = line.split(" ", -1);
        assertArrayEquals(args, Main.withCommand(args));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--seed 1 Once", "--temperature=0 Once", "--echo"})
    void optionsMayComeFirst(String line) {
        String[] args = line.split(" ", -1);
        String[] all = new String[args.length + 2];
        all[0] = "generate";
        all[1] = "--echo";
        System.arraycopy(args, 0, all, 2, args.length);
        assertArrayEquals(all, Main.withCommand(args), Arrays.toString(args));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Hello there", "once upon a time", "你 好"})
    void aPromptOfSeveralArgumentsWantsQuotes(String line) {
        String refusal = Outcome.of(Main.withCommand(line.split(" ", -1))).refusal();
        assertEquals(
                "kelvin: put the prompt in quotes: \"" + line + '"',
                refusal.lines().findFirst().orElse(""));
    }
}
