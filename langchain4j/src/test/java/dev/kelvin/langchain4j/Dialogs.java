// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.langchain4j.Dialog.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** What LangChain4j's tests say to a model, and what they want to hear. */
final class Dialogs {
    private static final String TWO_PEOPLE =
            "Klaus is 37 years old, 1.78m height and single. Franny is 35 years old, 1.65m height and married.";
    private static final String EXTRACT = "Extract the person's information from the following text";
    private static final String STORY = "Once there was a fox who lived near a river. Every morning she met an otter, a"
            + " heron and two mice, and together they looked for berries under the old trees until the sun was high."
            + " In the evening they sat on a stone, told each other what they had seen, and the smallest mouse fell"
            + " asleep first, as she did on every other day of that long and quiet summer.";

    private Dialogs() {}

    /** All texts to learn, but for those of {@link #dates}. What has two answers has that of a free model twice. */
    static List<String> texts() {
        List<Dialog> dialogs = new ArrayList<>();
        talk(dialogs);
        talk(dialogs);
        answersInJson(dialogs);
        tools(dialogs);
        toolsOfServices(dialogs);
        extractedValues(dialogs);
        extractedPeople(dialogs);
        extractedTypes(dialogs);
        return dialogs.stream().flatMap(dialog -> dialog.texts().stream()).toList();
    }

    /** A tool that gives the date: no answer is known that names it, since nobody knows when the tests run. */
    static List<String> dates(SplittableRandom random, int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String date = String.format(
                    Locale.ROOT,
                    "\"20%02d-%02d-%02d\"",
                    random.nextInt(24, 60),
                    random.nextInt(1, 13),
                    random.nextInt(1, 32));
            texts.addAll(Dialog.with("currentDate")
                    .user("What is the date today?")
                    .calls(new Call("currentDate", "{}", date))
                    .answers("That is the date of today.")
                    .texts());
        }
        return texts;
    }

    private static void talk(List<Dialog> dialogs) {
        dialogs.add(Dialog.with().user("What is the capital of Germany?").answers("The capital of Germany is Berlin."));
        dialogs.add(Dialog.with()
                .user("What is the capital of Germany? How much is 2 + 2?")
                .answers("The capital of Germany is Berlin, and 2 + 2 is 4."));
        dialogs.add(Dialog.with()
                .system("Translate messages from user into German")
                .user("Translate: 'I love you'")
                .answers("Ich liebe dich"));
        dialogs.add(Dialog.with()
                .user("Hi, my favorite color is green")
                .answers("Hi, nice to meet you")
                .user("What is my favorite color?")
                .answers("Your favorite color is green."));
        dialogs.add(Dialog.with().user("Say 'Hello World'").answers("Hello World"));
        dialogs.add(Dialog.with().user("Tell me a long story about animals").answers(STORY));
        dialogs.add(Dialog.with("add").user("hello").answers("Hello! What do you want to add today?"));
        dialogs.add(weather().answers("It is sunny in Munich."));
    }

    private static Dialog weather() {
        return Dialog.with("getWeather")
                .user("What is the weather in Munich?")
                .calls(new Call("getWeather", "{\"city\": \"Munich\"}", "sunny"));
    }

    private static void answersInJson(List<Dialog> dialogs) {
        String berlin = "{\"city\": \"Berlin\"}";
        dialogs.add(Dialog.with().user("What is the capital of Germany?").answers(berlin));
        dialogs.add(Dialog.with()
                .user("What is the capital of Germany? Answer with a JSON object containing a single 'city' field")
                .answers(berlin));
        dialogs.add(weather().answers("{\"weather\": \"sunny\"}"));
        dialogs.add(Dialog.with("getWeather")
                .user("What is the weather in Munich? Use 'getWeather' tool")
                .calls(new Call("getWeather", "{\"arg0\": \"Munich\"}", "sunny"))
                .answers("{\"city\": \"Munich\", \"weather\": \"SUNNY\"}"));
    }

    private static void tools(List<Dialog> dialogs) {
        Call munich = new Call("getWeather", "{\"city\": \"Munich\"}", "sunny");
        dialogs.add(Dialog.with("get_current_time")
                .user("What is the time now? Use the get_current_time tool.")
                .calls(new Call("get_current_time", "{}", "10:14"))
                .answers("It is 10:14 now."));
        dialogs.add(Dialog.with("getWeather", "getTime")
                .user("What is the weather in Munich and time in France? Call tools simultaneously (in parallel)")
                .calls(munich, new Call("getTime", "{\"country\": \"France\"}", "14:35"))
                .answers("It is sunny in Munich, and 14:35 in France."));
        dialogs.add(Dialog.with("getWeather", "add_two_numbers")
                .user("I live in Munich")
                .calls(munich));
        dialogs.add(Dialog.with("getWeather").user("I live in Munich").calls(munich));
        dialogs.add(Dialog.with("takePhoto").user("Take a photo").calls(new Call("takePhoto", "{}", "a photo")));
    }

    private static Call add(int a, int b) {
        return new Call("add", "{\"arg0\": " + a + ", \"arg1\": " + b + "}", String.valueOf(a + b));
    }

    private static void toolsOfServices(List<Dialog> dialogs) {
        String sum = "How much is 37 plus 87?";
        dialogs.add(Dialog.with("add").user(sum).calls(add(37, 87)).answers("37 plus 87 is 124."));
        dialogs.add(Dialog.with("add")
                .user(sum)
                .calls(add(37, 87))
                .user("Now add 47 to the previous result")
                .calls(add(124, 47)));
        dialogs.add(Dialog.with("add", "multiply").user(sum).calls(add(37, 87)).answers("37 plus 87 is 124."));
        dialogs.add(Dialog.with("add")
                .user(sum + " Answer in the following format: 37 + 87 = ...")
                .calls(add(37, 87))
                .answers("37 + 87 = 124"));
        dialogs.add(Dialog.with("add")
                .user(sum + " Use 'add' tool before answering.")
                .calls(add(37, 87))
                .answers("37 plus 87 is 124."));
        dialogs.add(Dialog.with("add")
                .user(sum + " How much is 73 plus 78? Call 2 tools in parallel (at the same time)!")
                .calls(add(37, 87), add(73, 78))
                .answers("37 plus 87 is 124, and 73 plus 78 is 151."));
        dialogs.add(Dialog.with("add", "multiply")
                .user("First add 2 and 3 by calling 'add' tool, then multiply the result by 4 by calling 'multiply'"
                        + " tool")
                .calls(add(2, 3))
                .calls(new Call("multiply", "{\"arg0\": 5, \"arg1\": 4}", "20"))
                .answers("The result is 20."));
        for (String result : List.of("", " ")) {
            dialogs.add(Dialog.with("modify")
                    .user("Call tool 'modify' for argument '7'")
                    .calls(new Call("modify", "{\"arg0\": 7}", result))
                    .answers("It is done."));
        }
        dialogs.add(Dialog.with("currentTime")
                .user("What is the time now? Respond in HH:MM:SS format.")
                .calls(new Call("currentTime", "{}", "\"17:11:45\""))
                .answers("17:11:45"));
        dialogs.add(Dialog.with("currentTemperature")
                .user("What is the current temperature in Munich in celsius?")
                .calls(new Call("currentTemperature", "{\"arg0\": \"Munich\", \"arg1\": \"CELSIUS\"}", "19"))
                .answers("It is 19 degrees in Munich."));
        dialogs.add(Dialog.with("getUsernameFromId")
                .user("What is the username with ID 62dbcc27-aaf3-449a-b12d-5a904271a57f?")
                .calls(new Call("getUsernameFromId", "{\"arg0\": \"62dbcc27-aaf3-449a-b12d-5a904271a57f\"}", "Alice"))
                .answers("The username is Alice."));
        processed(dialogs);
    }

    private static void processed(List<Dialog> dialogs) {
        String text = "Use 'process' tool to process the following: ";
        processed(
                dialogs,
                text + "Klaus is 37 years old, 1.78m height and single",
                "{\"name\": \"Klaus\", \"age\": 37, \"height\": 1.78, \"married\": false}");
        processed(
                dialogs,
                text + "Klaus lives in Langley Falls",
                "{\"name\": \"Klaus\", \"address\": {\"city\": \"Langley Falls\"}}");
        processed(
                dialogs,
                text + "Francine has 2 children: Steve and Hayley",
                "{\"name\": \"Francine\", \"children\": [{\"name\": \"Steve\", \"children\": []},"
                        + " {\"name\": \"Hayley\", \"children\": []}]}");
        processed(
                dialogs,
                "Process the following: Klaus is 42 years old and Francine is 47 years old",
                "{\"Klaus\": 42, \"Francine\": 47}");
        processed(dialogs, "Process the following colors: RED and GREEN", "[\"RED\", \"GREEN\"]");
        processed(
                dialogs,
                "Process the following people: Klaus and Franny",
                "[{\"name\": \"Klaus\"}, {\"name\": \"Franny\"}]");
        dialogs.add(Dialog.with("processNames")
                .user("Process the following names: Klaus and Franny")
                .calls(new Call("processNames", "{\"arg0\": [\"Klaus\", \"Franny\"]}", "Success"))
                .answers("It is done."));
        dialogs.add(Dialog.with("processNumbers")
                .user("Process the following integers: 37, 73")
                .calls(new Call("processNumbers", "{\"arg0\": [37, 73]}", "Success"))
                .answers("It is done."));
    }

    private static void processed(List<Dialog> dialogs, String text, String argument) {
        dialogs.add(Dialog.with("process")
                .user(text)
                .calls(new Call("process", "{\"arg0\": " + argument + "}", "Success"))
                .answers("It is done."));
    }

    private static void extracted(List<Dialog> dialogs, String text, String json) {
        dialogs.add(Dialog.with().user(text).answers(json));
    }

    private static void extractedValues(List<Dialog> dialogs) {
        extracted(
                dialogs,
                "Extract if the person from the following text is a man: Klaus is a 37-year-old man, 1.78 meters tall,"
                        + " and single.",
                "{\"value\": true}");
        extracted(dialogs, "Extract number of people mentioned in the following text: " + TWO_PEOPLE, "{\"value\": 2}");
        extracted(
                dialogs,
                "Extract temperature in Munich from the following text: The average temperature of the coldest month is"
                        + " of -0.5 °C",
                "{\"value\": -0.5}");
        extracted(
                dialogs,
                "Extract names of people from the following text: " + TWO_PEOPLE,
                "{\"values\": [\"Klaus\", \"Franny\"]}");
        extracted(dialogs, "Klaus is 37 years old, 1.78m height and single.", "{\"value\": \"SINGLE\"}");
        extracted(
                dialogs,
                TWO_PEOPLE + "Staniel is 33 years old, 1.70m height and married.",
                "{\"values\": [\"SINGLE\", \"MARRIED\", \"MARRIED\"]}");
        extracted(
                dialogs,
                "The weather in Berlin was sunny and windy. Paris experienced rainy and cloudy weather. New York had"
                        + " cloudy and windy weather.",
                "{\"values\": [\"SUNNY\", \"WINDY\", \"RAINY\", \"CLOUDY\"]}");
    }

    private static void extractedPeople(List<Dialog> dialogs) {
        String person = "{\"name\": \"Klaus\", \"age\": 37, \"height\": 1.78, \"married\": false}";
        extracted(dialogs, EXTRACT + ": Klaus is 37 years old, 1.78m height and single", person);
        extracted(
                dialogs,
                TWO_PEOPLE,
                "{\"values\": [" + person
                        + ", {\"name\": \"Franny\", \"age\": 35, \"height\": 1.65, \"married\": true}]}");
        extracted(dialogs, EXTRACT + ". Do not include missing fields! Text: 'Klaus'", "{\"name\": \"Klaus\"}");
        extracted(dialogs, EXTRACT + ": Klaus", "{\"name\": \"Klaus\"}");
        extracted(
                dialogs,
                EXTRACT + ": Klaus and Francine",
                "{\"values\": [{\"name\": \"Klaus\"}, {\"name\": \"Francine\"}]}");
        extracted(
                dialogs,
                EXTRACT
                        + ". Fill in all the fields where the information is available! Text: 'Klaus wants a delivery to"
                        + " Langley Falls, but billing address should be New York'",
                "{\"name\": \"Klaus\", \"shippingAddress\": {\"city\": \"Langley Falls\"}, \"billingAddress\":"
                        + " {\"city\": \"New York\"}}");
        extracted(dialogs, EXTRACT + ": Klaus is single", "{\"name\": \"Klaus\", \"maritalStatus\": \"SINGLE\"}");
        extracted(
                dialogs,
                EXTRACT + ": Klaus likes orange and green",
                "{\"name\": \"Klaus\", \"favouriteColors\": [\"orange\", \"green\"]}");
        extracted(
                dialogs,
                EXTRACT + ": Klaus has 2 pets: Peanut and Muffin",
                "{\"name\": \"Klaus\", \"pets\": [{\"name\": \"Peanut\"}, {\"name\": \"Muffin\"}]}");
        extracted(
                dialogs,
                EXTRACT + ": Klaus is assigned to groups A and C",
                "{\"name\": \"Klaus\", \"groups\": [\"A\", \"C\"]}");
        String date = "{\"year\": 1976, \"month\": 8, \"day\": 12}";
        String time = "{\"hour\": 14, \"minute\": 43, \"second\": 0, \"nano\": 0}";
        extracted(
                dialogs,
                EXTRACT
                        + ".Fill in all the fields where the information is available! Text: 'Klaus was born at 14:43 on"
                        + " 12th of August 1976'",
                "{\"name\": \"Klaus\", \"birthDate\": " + date + ", \"birthTime\": " + time
                        + ", \"birthDateTime\": {\"date\": " + date + ", \"time\": " + time + "}}");
        extracted(
                dialogs,
                EXTRACT + ": Francine has 2 children: Steve and Hayley",
                "{\"name\": \"Francine\", \"children\": [{\"name\": \"Steve\", \"children\": []}, {\"name\": \"Hayley\","
                        + " \"children\": []}]}");
        extracted(
                dialogs,
                "Klaus can be identified by the following ID: 567b229a-6b0a-4f1e-9006-448cd9dfbfda\n",
                "{\"id\": \"567b229a-6b0a-4f1e-9006-448cd9dfbfda\", \"name\": \"Klaus\"}");
    }

    private static void extractedTypes(List<Dialog> dialogs) {
        String rex = "{\"type\": \"Dog\", \"name\": \"Rex\", \"breed\": \"Labrador\"}";
        extracted(dialogs, "Rex is a Labrador dog", "{\"value\": " + rex + "}");
        extracted(
                dialogs,
                "Rex is a Labrador. Whiskers is an indoor cat.",
                "{\"values\": [" + rex + ", {\"type\": \"Cat\", \"name\": \"Whiskers\", \"indoor\": true}]}");
        extracted(dialogs, "Alice owns a Labrador dog named Rex.", "{\"name\": \"Alice\", \"pet\": " + rex + "}");
        extracted(
                dialogs,
                "Represent the literal expression 1+2+3 as a syntax tree. Do NOT simplify or evaluate. Use a"
                        + " left-associative tree: Addition(Addition(Constant(1), Constant(2)), Constant(3)). An Addition"
                        + " has exactly two fields: 'left' and 'right'. A Constant has exactly one field: 'value'. Do NOT"
                        + " add any other fields to any node.",
                "{\"value\": {\"type\": \"Addition\", \"left\": {\"type\": \"Addition\", \"left\": {\"type\":"
                        + " \"Constant\", \"value\": 1}, \"right\": {\"type\": \"Constant\", \"value\": 2}},"
                        + " \"right\": {\"type\": \"Constant\", \"value\": 3}}}");
    }
}
