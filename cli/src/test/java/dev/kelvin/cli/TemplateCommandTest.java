// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateCommandTest {
    @TempDir
    Path folder;

    private String file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "given", ""), text)
                .toString();
    }

    @Test
    void printsThePrompt() throws IOException {
        String template = file("{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}"
                + "{{ add_generation_prompt }}{{ tools[0].name }}{{ n + 1 }}{{ s }}{{ strftime_now('%Y') }}");
        Outcome outcome = Outcome.of(
                "template",
                "--file",
                template,
                "--messages",
                file("[{\"role\": \"user\", \"content\": \"hi\"}]"),
                "--tools",
                file("[{\"name\": \"t\"}]"),
                "--set",
                "n=41",
                "--set",
                "s=text",
                "--now",
                "2020-01-01T00:00:00");
        assertEquals("user: hiTruet42text2020", outcome.result());
    }

    @Test
    void tellsWhereATemplateFails() throws IOException {
        String template = file("a\n  {{ raise_exception('no ' ~ messages[0].role) }}");
        Outcome outcome = Outcome.of("template", "--file", template, "--messages", file("[{\"role\": \"judge\"}]"));
        assertEquals(Main.FAILURE, outcome.exitCode());
        assertEquals("kelvin: line 2, column 21: no judge\n", outcome.err());
    }

    @Test
    void aModelWithoutATemplateGetsTheDefaultOfItsArchitecture() throws IOException {
        String model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
        Outcome outcome = Outcome.of(
                "template", "--model", model, "--messages", file("[{\"role\": \"user\", \"content\": \"hi\"}]"));
        assertEquals("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n", outcome.out());
        assertTrue(outcome.err().contains("no chat template; that of CHATML is taken"), outcome.err());
    }

    @Test
    void comparesCases() throws IOException {
        String cases =
                file("[{\"name\": \"a\", \"template\": \"{{ 1 + x }}\", \"context\": {\"x\": 2}, \"expected\": \"3\"},"
                        + " {\"name\": \"b\", \"template\": \"{{ 1 + }}\", \"error\": {\"kind\": \"syntax\"}},"
                        + " {\"name\": \"c\", \"template\": \"x\", \"expected\": \"y\"}]");
        Outcome outcome = Outcome.of("template", "--cases", cases);
        assertEquals(Main.FAILURE, outcome.exitCode());
        assertEquals("FAILED c: expected y, found x\n2 passed, 1 failed\n", outcome.out());
    }
}
