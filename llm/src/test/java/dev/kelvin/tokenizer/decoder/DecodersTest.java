// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values from the tests of Hugging Face's tokenizers. */
class DecodersTest {
    private static List<String> decode(Decoder decoder, boolean atStart, String... pieces) {
        List<String> out = new ArrayList<>();
        Decoder.Pieces chain = decoder.start(atStart, new Decoder.Pieces() {
            @Override
            public void accept(String piece) {
                out.add(piece);
            }

            @Override
            public void end() {
                out.add("end");
            }
        });
        for (String piece : pieces) {
            chain.accept(piece);
        }
        chain.end();
        return out;
    }

    private static String text(Decoder decoder, String... pieces) {
        return String.join("", decode(decoder, true, pieces)).replaceAll("end$", "");
    }

    @Test
    void bytesBecomeTextAsSoonAsTheyCan() {
        assertEquals(
                List.of("Hey", "叫", "end"),
                decode(new ByteFallbackDecoder(), true, "Hey", "<0xE5>", "<0x8F>", "<0xAB>"));
        assertEquals("Hey\ufffd!", text(new ByteFallbackDecoder(), "Hey", "<0xE5>", "!"));
        assertEquals("a\ufffd\ufffd", text(new ByteFallbackDecoder(), "<0x61>", "<0xE5>", "<0x8F>"));
        assertEquals("Hello my é <x y>", text(new ByteLevelDecoder(), "Hello", "Ġmy", "ĠÃ", "©", " <x y>"));
    }

    @Test
    void wordsGetTheirSpaces() {
        assertEquals("Hello friend!", text(WordDecoders.wordPiece("##", true), "Hello", "fr", "##ie", "##nd", "!"));
        assertEquals(List.of(" a", " b", "end"), decode(WordDecoders.wordPiece("##", true), false, "a", "b"));
        assertEquals(
                "hello",
                text(WordDecoders.ctc("<pad>", "|", false), "<pad>", "h", "e", "e", "l", "l", "<pad>", "l", "o"));
        assertEquals("Hey you", text(WordDecoders.endOfWord("</w>"), "He", "y</w>", "you</w>"));
        assertEquals("Hey friend", text(WordDecoders.metaspace('\u2581', true), "\u2581Hey", "\u2581friend"));
        assertEquals("a b", text(WordDecoders.spaced(), "a", "b"));
    }

    @Test
    void endsAreStripped() {
        StripDecoder strip = new StripDecoder('H', 1, 1);
        assertEquals(List.of("ey", " friend!", "H", "end"), decode(strip.ofEach(), true, "Hey", " friend!", "HHH"));
        assertEquals("ey friend", text(strip.ofWhole(), "H", "ey", " friend", "H"));
        assertEquals("ey HHfriend", text(strip.ofWhole(), "Hey ", "H", "Hfriend"));
        assertEquals(
                "HeyH",
                String.join("", decode(strip.ofWhole(), false, "Hey", "H", "H")).replace("end", ""));
    }
}
