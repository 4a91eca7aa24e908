// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.Llama2cFile;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kelvin inspect}: what a model file holds. */
@Command(
        name = "inspect",
        header = "Show what a model file holds.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {"kelvin inspect [--full | --json] [FILE]"},
        sortOptions = false,
        description = {
            "",
            "Prints the header, what the engine makes of the model, the metadata and the table of tensors; of a file that "
                    + "cannot be computed, all that was found to stand in the way. Shapes are outermost first; offsets are bytes "
                    + "from the beginning of the file. Any part of a split model stands for all of it. Long texts and arrays are shortened, unless --full is given; "
                    + "JSON is always complete.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        footer = {"", "Examples:", "  kelvin inspect", "  kelvin inspect --json | jq '.tensors[] | .name'"})
final class InspectCommand extends Subcommand {
    private static final int VALUE_COLUMNS_AT_LEAST = 24;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The GGUF file, or a folder of the Hugging Face hub. " + EmbeddedModel.DEFAULT)
    private Path path;

    @Option(names = "--full", description = "Show texts and arrays of the metadata in full length.")
    private boolean full;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    InspectCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException {
        try (ModelFile file = Models.file(path)) {
            if (json) {
                writeJson(file);
            } else {
                print(file);
            }
        }
    }

    private void print(ModelFile file) throws IOException {
        long elements = 0;
        Map<DType, long[]> types = new EnumMap<>(DType.class); // count and bytes of each type
        for (TensorInfo tensor : file.tensors()) {
            elements += tensor.shape().elements();
            long[] totals = types.computeIfAbsent(tensor.dtype(), type -> new long[2]);
            totals[0]++;
            totals[1] += tensor.byteSize();
        }

        boolean split = file.paths().size() > 1;
        terminal.line(terminal.glyphs().escape(file.path().toString()));
        TextTable header = new TextTable("ll").row("format", format(file));
        header.row(
                "file",
                exactBytes(file.byteSize()) + (split ? " in " + file.paths().size() + " parts" : ""));
        if (!file.tensors().isEmpty()) {
            if (file instanceof GgufFile gguf) {
                header.row("data at", "byte " + Numbers.grouped(gguf.dataByteOffset()));
            }
            header.row("parameters", Numbers.grouped(elements));
        }
        for (Map.Entry<DType, long[]> type : types.entrySet()) {
            long count = type.getValue()[0];
            header.row(
                    "in " + type.getKey(),
                    count + (count == 1 ? " tensor, " : " tensors, ") + exactBytes(type.getValue()[1]));
        }
        header.print(terminal);

        ModelReport.of(file).print(terminal);
        printMetadata(file.metadata().asMap());
        terminal.line("");
        terminal.line("Tensors (" + file.tensors().size() + ")");
        TextTable tensors = new TextTable("lllrrr");
        if (!file.tensors().isEmpty()) {
            tensors.row("name", "type", "shape", split ? "part: offset" : "offset", "bytes", "");
        }
        for (TensorInfo tensor : file.tensors()) {
            tensors.row(
                    terminal.glyphs().escape(tensor.name()),
                    tensor.dtype().toString(),
                    tensor.shape().toString(),
                    (split ? 1 + file.paths().indexOf(tensor.path()) + ": " : "") + tensor.byteOffset(),
                    Long.toString(tensor.byteSize()),
                    Numbers.bytes(tensor.byteSize()));
        }
        tensors.print(terminal);
    }

    private static String format(ModelFile file) {
        return file instanceof GgufFile gguf
                ? "GGUF version " + gguf.version() + ", little-endian, alignment " + gguf.alignment()
                : file instanceof Llama2cFile
                        ? "checkpoint of llama2.c, shown with GGUF's names"
                        : "safetensors and config.json, shown with GGUF's names";
    }

    private static String kind(ModelFile file) {
        return file instanceof GgufFile ? "GGUF" : file instanceof Llama2cFile ? "llama2.c" : "safetensors";
    }

    private void printMetadata(Map<String, Object> metadata) {
        terminal.line("");
        terminal.line("Metadata (" + metadata.size() + ")");
        int keyColumns = 0;
        for (String key : metadata.keySet()) {
            keyColumns = Math.max(keyColumns, Glyphs.columns(terminal.glyphs().escape(key)));
        }
        int valueColumns = Math.max(VALUE_COLUMNS_AT_LEAST, Terminal.COLUMNS - keyColumns - 4);
        TextTable table = new TextTable("ll");
        for (Map.Entry<String, Object> entry : metadata.entrySet()) {
            table.row(
                    terminal.glyphs().escape(entry.getKey()),
                    show(entry.getValue(), full ? Integer.MAX_VALUE : valueColumns));
        }
        table.print(terminal);
    }

    /** A value for people in at most {@code columns} columns. */
    private String show(Object value, int columns) {
        return value.getClass().isArray()
                ? showArray(value, columns)
                : terminal.glyphs().fit(show(value), columns);
    }

    /** What an array is, and as many of its elements as there is room for: {@code [512 strings] "<unk>", "<s>", …}. */
    private String showArray(Object array, int columns) {
        int length = Array.getLength(array);
        StringBuilder shown = new StringBuilder(
                "[" + length + " " + elementName(array.getClass().getComponentType(), length) + "]");
        int used = shown.length();
        int reserve = 2 + Glyphs.columns(terminal.glyphs().ellipsis()); // for the separator and the ellipsis
        for (int i = 0; i < length; i++) {
            String element = (i == 0 ? " " : ", ") + show(Array.get(array, i));
            used += Glyphs.columns(element);
            if (used + (i + 1 < length ? reserve : 0) > columns) {
                return shown.append(i == 0 ? " " : ", ")
                        .append(terminal.glyphs().ellipsis())
                        .toString();
            }
            shown.append(element);
        }
        return shown.toString();
    }

    private String show(Object value) {
        if (value instanceof String text) {
            return terminal.glyphs().quote(text);
        }
        if (value.getClass().isArray()) {
            return showArray(value, full ? Integer.MAX_VALUE : VALUE_COLUMNS_AT_LEAST);
        }
        return value instanceof Float || value instanceof Double
                ? value.toString().replace('E', 'e')
                : value.toString();
    }

    private static String elementName(Class<?> type, int length) {
        String name;
        if (type == String.class) {
            name = "string";
        } else if (type == Object.class || type.isArray()) {
            name = "array";
        } else if (type == boolean.class) {
            name = "flag";
        } else {
            name = type == float.class || type == double.class ? "real" : "integer";
        }
        return length == 1 ? name : name + "s";
    }

    private static String exactBytes(long bytes) {
        return Numbers.grouped(bytes) + " bytes (" + Numbers.bytes(bytes) + ")";
    }

    private void writeJson(ModelFile file) throws IOException {
        try (Json document = new Json(terminal)) {
            document.beginObject().field("path", file.path().toString()).field("format", kind(file));
            if (file instanceof GgufFile gguf) {
                document.field("version", gguf.version())
                        .field("alignment", gguf.alignment())
                        .field("dataByteOffset", gguf.dataByteOffset());
            }
            ModelReport.of(file).write(document);
            document.field("files", file.paths().stream().map(Path::toString).toArray(String[]::new))
                    .field("fileBytes", file.byteSize())
                    .beginObject("metadata");
            for (Map.Entry<String, Object> entry : file.metadata().asMap().entrySet()) {
                document.field(entry.getKey(), entry.getValue());
            }
            document.endObject().beginArray("tensors");
            for (TensorInfo tensor : file.tensors()) {
                document.beginObject()
                        .field("name", tensor.name())
                        .field("type", tensor.dtype().toString())
                        .field("shape", tensor.shape().dims())
                        .field("file", tensor.path().toString())
                        .field("byteOffset", tensor.byteOffset())
                        .field("byteSize", tensor.byteSize())
                        .endObject();
            }
            document.endArray().endObject();
        }
    }
}
