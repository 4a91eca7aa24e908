// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tools, and the choice among them. */
public final class ToolFields {
    private ToolFields() {}

    /**
     * Takes {@code tools}.
     *
     * @param nested whether name and schema of a tool lie in its {@code function}, as in chats, or beside its type, as
     *     in responses
     */
    public static List<Tool> take(Fields fields, boolean nested) throws ApiException {
        List<?> list = fields.list("tools");
        List<Tool> tools = new ArrayList<>();
        for (int i = 0; list != null && i < list.size(); i++) {
            Fields each = fields.element("tools", i, list.get(i));
            String type = each.requiredString("type");
            if (!type.equals("function")) {
                throw ApiException.unsupported(
                        each.name("type"), "Tools of type '" + type + "' are not supported; function is.");
            }
            tools.add(tool(nested ? required(each) : each));
        }
        return tools;
    }

    private static Fields required(Fields tool) throws ApiException {
        Fields function = tool.object("function");
        if (function == null) {
            throw ApiException.invalid(
                    tool.name("function"),
                    "missing_required_parameter",
                    "'" + tool.name("function") + "' is required.");
        }
        return function;
    }

    private static Tool tool(Fields fields) throws ApiException {
        String name = fields.requiredString("name");
        String description = fields.string("description");
        Map<String, Object> parameters = fields.map("parameters");
        fields.flag("strict", true); // arguments keep to their schema anyway
        try {
            return new Tool(
                    name, description == null ? "" : description, parameters == null ? Tool.ANY_ARGUMENTS : parameters);
        } catch (IllegalArgumentException e) {
            throw ApiException.value(fields.name("name"), e.getMessage() + ".");
        }
    }

    /** Takes {@code tool_choice}. */
    public static ToolChoice choice(Fields fields, boolean nested) throws ApiException {
        Object value = fields.value("tool_choice");
        String name = fields.name("tool_choice");
        if (value == null) {
            return ToolChoice.AUTO;
        }
        if (value instanceof String word) {
            return switch (word) {
                case "auto" -> ToolChoice.AUTO;
                case "none" -> ToolChoice.NONE;
                case "required", "any" -> ToolChoice.REQUIRED;
                default -> throw ApiException.value(name, "'" + name + "' must be auto, none, required or a function.");
            };
        }
        Fields choice = fields.object("tool_choice");
        String type = choice.requiredString("type");
        if (!type.equals("function")) {
            throw ApiException.unsupported(
                    choice.name("type"), "'" + name + "' of type '" + type + "' is not supported.");
        }
        return ToolChoice.named((nested ? required(choice) : choice).requiredString("name"));
    }
}
