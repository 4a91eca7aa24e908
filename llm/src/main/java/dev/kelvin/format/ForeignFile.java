// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells by its first bytes what a file is that is no model file, so that a message can name it. */
final class ForeignFile {
    /** As many bytes of a file's beginning as are looked at. */
    static final int HEAD_BYTES = 512;

    private static final String OLD_GGML =
            "a model in an old format of ggml (%s), which GGUF has replaced; " + "convert the original model again";

    private static final int TEXT_SHOWN = 60;
    private static final Pattern LFS_SIZE = Pattern.compile("^size (\\d{1,18})$", Pattern.MULTILINE);
    private static final Pattern HTML =
            Pattern.compile("(<!--.*?-->\\s*)*<(!doctype\\s+html|html|head|body)\\b.*", Pattern.DOTALL);

    /** Bytes that files of one kind have at one place; each char is a byte. */
    private record Signature(int byteOffset, String bytes, String kind) {
        boolean matches(byte[] head) {
            byte[] expected = bytes.getBytes(StandardCharsets.ISO_8859_1);
            for (int i = 0; i < expected.length; i++) {
                if (byteOffset + i >= head.length || head[byteOffset + i] != expected[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Old ggml wrote its magic as a number, little-endian: the letters are turned round in the file. */
    private static final List<Signature> SIGNATURES = List.of(
            new Signature(0, "FUGG", "a GGUF file whose bytes were swapped"),
            new Signature(0, "lmgg", OLD_GGML.formatted("ggml")),
            new Signature(0, "fmgg", OLD_GGML.formatted("ggmf")),
            new Signature(0, "tjgg", OLD_GGML.formatted("ggjt")),
            new Signature(0, "algg", "a LoRA adapter in an old format of ggml (ggla), which is no model"),
            new Signature(0, "PK\3\4", "a ZIP archive; unpack it first"),
            new Signature(0, "PK\5\6", "an empty ZIP archive"),
            new Signature(0, "\u001f\u008b", "a gzip archive; unpack it first"),
            new Signature(0, "BZh", "a bzip2 archive; unpack it first"),
            new Signature(0, "\u00fd7zXZ\0", "an xz archive; unpack it first"),
            new Signature(0, "(\u00b5/\u00fd", "a zstd archive; unpack it first"),
            new Signature(0, "7z\u00bc\u00af'\u001c", "a 7z archive; unpack it first"),
            new Signature(0, "Rar!", "a RAR archive; unpack it first"),
            new Signature(257, "ustar", "a tar archive; unpack it first"),
            new Signature(0, "\u0089HDF\r\n", "an HDF5 file, as Keras writes it"),
            new Signature(4, "TFL3", "a TensorFlow Lite model"),
            new Signature(0, "\u0093NUMPY", "a NumPy array"),
            new Signature(0, "%PDF", "a PDF document"),
            new Signature(0, "\u007fELF", "a program"),
            new Signature(0, "MZ", "a program"));

    private ForeignFile() {}

    /**
     * What the file is.
     *
     * @param head its first bytes, {@value #HEAD_BYTES} or all that it has
     * @param size of the whole file, in bytes
     */
    static Optional<String> kind(byte[] head, long size) {
        if (isPickle(head)) {
            return Optional.of("a PyTorch checkpoint or another Python pickle; convert it to GGUF or safetensors");
        }
        for (Signature signature : SIGNATURES) {
            if (signature.matches(head)) {
                return Optional.of(signature.kind());
            }
        }
        if (isSafetensors(head)) {
            return Optional.of("a safetensors file; give the folder that holds it with its config.json");
        }
        if (allZero(head)) {
            return Optional.of("zeros, as a download has that is not finished");
        }
        return text(head).map(text -> kindOfText(text.replace("\ufeff", "").strip(), size));
    }

    /** A pickle alone, or in a ZIP archive behind its local header, as PyTorch writes it today. */
    private static boolean isPickle(byte[] head) {
        boolean alone = head.length > 1 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5; // protocols
        String text = new String(head, StandardCharsets.ISO_8859_1);
        return alone || (text.startsWith("PK\3\4") && text.contains("/data.pkl"));
    }

    /** A safetensors file begins with the length of its header, which is a JSON object. */
    private static boolean isSafetensors(byte[] head) {
        if (head.length < Long.BYTES + 1) {
            return false;
        }
        long length = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            length = length << 8 | (head[i] & 0xff);
        }
        return length > 0 && length < Integer.MAX_VALUE && head[Long.BYTES] == '{';
    }

    private static boolean allZero(byte[] head) {
        for (byte octet : head) {
            if (octet != 0) {
                return false;
            }
        }
        return true;
    }

    private static String kindOfText(String text, long size) {
        if (text.startsWith("version https://git-lfs.github.com/spec/")) {
            Matcher matcher = LFS_SIZE.matcher(text);
            String whole = matcher.find()
                    ? String.format(Locale.ROOT, "%,d bytes", Long.parseLong(matcher.group(1)))
                    : "the model";
            return "a Git LFS pointer of " + size + " bytes that stands for " + whole + "; git lfs pull fetches it";
        }
        if (HTML.matcher(text.toLowerCase(Locale.ROOT)).matches()) {
            return "an HTML page, as a download ends in that was answered with a page";
        }
        String begin = text.lines().findFirst().orElse("");
        String shown = begin.length() > TEXT_SHOWN ? begin.substring(0, TEXT_SHOWN) + "..." : begin;
        String kind = text.startsWith("{") || text.startsWith("[") ? "a JSON text" : "a text";
        return kind + " that begins with \"" + shown + "\"";
    }

    /** The bytes as text, if they are UTF-8 without control characters; the last character may be cut. */
    private static Optional<String> text(byte[] head) {
        CharBuffer text = CharBuffer.allocate(head.length);
        boolean wellFormed = !StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(head), text, false)
                .isError();
        String decoded = text.flip().toString();
        boolean printable = decoded.chars().allMatch(c -> c >= ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f');
        return wellFormed && printable && !decoded.isBlank() ? Optional.of(decoded) : Optional.empty();
    }
}
