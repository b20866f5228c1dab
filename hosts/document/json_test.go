package document

import (
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	runAll(t, JSON, []edited{
		{"empty file", "", "mcpServers.valetkey", Table{{"command", "/opt/valetkey"}}, `{
  "mcpServers": {
    "valetkey": {
      "command": "/opt/valetkey"
    }
  }
}
`},
		{"no entry yet", "{\n\t\"servers\": {},\n\t\"inputs\": []\n}\n", "servers.valetkey", entry(),
			"{\n\t\"servers\": {\n\t\t\"valetkey\": {\n\t\t\t\"command\": \"/opt/valetkey\",\n\t\t\t\"args\": [],\n\t\t\t\"env\": {\n\t\t\t\t\"VALET_SERVICES\": \"github\"\n\t\t\t}\n\t\t}\n\t},\n\t\"inputs\": []\n}\n"},
		{"comments and trailing commas", `// Zed settings
{
    "theme": "One Dark", // mine
    "context_servers": {
        /* the team's */
        "other": {"command": "x"}, // keep

        // "old": {},
    },
    "vim_mode": true,
}`, "context_servers.valetkey", Table{{"command", "/opt/valetkey"}}, `// Zed settings
{
    "theme": "One Dark", // mine
    "context_servers": {
        /* the team's */
        "other": {"command": "x"}, // keep
        "valetkey": {
            "command": "/opt/valetkey"
        },

        // "old": {},
    },
    "vim_mode": true,
}`},
		{"a comment behind the last", "{\r\n  \"mcp\": {\r\n    \"a\": {} // last\r\n  }\r\n}", "mcp.valetkey", Table{{"enabled", true}},
			"{\r\n  \"mcp\": {\r\n    \"a\": {}, // last\r\n    \"valetkey\": {\r\n      \"enabled\": true\r\n    }\r\n  }\r\n}"},
		{"one line", `{"numStartups":3,"mcpServers":{"a":{"command":"x"}},"big":[1e400,1.0]}`, "mcpServers.valetkey", entry(),
			`{"numStartups":3,"mcpServers":{"a":{"command":"x"},"valetkey":{"command":"/opt/valetkey","args":[],"env":{"VALET_SERVICES":"github"}}},"big":[1e400,1.0]}`},
		{"one line with spaces", `{"a": 1, "mcpServers": { }}`, "mcpServers.valetkey", Table{{"args", []any{"a", int64(1), 0.5, nil}}},
			`{"a": 1, "mcpServers": {"valetkey": {"args": ["a", 1, 0.5, null]}}}`},
		{"braces on several lines", "{\n  \"m\": {\n  }\n}\n", "m.valetkey", Table{{"a", true}}, "{\n  \"m\": {\n    \"valetkey\": {\n      \"a\": true\n    }\n  }\n}\n"},
		{"only braces on several lines", "{\r\n\r\n}", "valetkey", Table{}, "{\r\n  \"valetkey\": {}\r\n}"},
		{"only a comment in braces", "{\n  \"m\": { // none\n  }\n}", "m.valetkey", Table{}, "{\n  \"m\": { // none\n    \"valetkey\": {}\n  }\n}"},
		{"replaced at its place", `{
  "mcpServers": {
    // ours
    "valetkey": { "command": "old" }, // here
    "z": {}
  }
}
`, "mcpServers.valetkey", Table{{"command", "new"}}, `{
  "mcpServers": {
    // ours
    "valetkey": {
      "command": "new"
    }, // here
    "z": {}
  }
}
`},
		{"null is replaced", "{\n  \"mcpServers\": null // none\n}\n", "mcpServers.valetkey", Table{}, "{\n  \"mcpServers\": {\n    \"valetkey\": {}\n  } // none\n}\n"},
		{"a number with a point", "{}", "a", Table{{"x", float64(300)}}, "{\n  \"a\": {\n    \"x\": 300.0\n  }\n}"},
		{"quoting", "{}", "a", Table{{"path\"\\", "C:\\x\n\t\u0085<é\U0001F511"}}, "{\n  \"a\": {\n    \"path\\\"\\\\\": \"C:\\\\x\\n\\t\\u0085<é\U0001F511\"\n  }\n}"},
		{"only a comment", "// mine", "a", Table{}, "// mine\n{\n  \"a\": {}\n}\n"},
		{"a comment at the end", "{} // mine", "a", Table{}, "{\n  \"a\": {}\n} // mine"},
		{"a long comment behind the last", "{\n  \"a\": 1 /* x\n  y */\n}", "b", Table{}, "{\n  \"a\": 1, /* x\n  y */\n  \"b\": {}\n}"},
		{"a comment that seems to end early", "{\n  \"a\": 1 /*/, */\n}", "b", Table{}, "{\n  \"a\": 1, /*/, */\n  \"b\": {}\n}"},
		{"byte order mark", "\uFEFF{}", "a", Table{}, "\uFEFF{\n  \"a\": {}\n}"},
		{"another way to write the name", "{\"m\": {\n  \"v\\u0061letkey\": 1}}", "m.valetkey", Table{}, "{\"m\": {\n  \"v\\u0061letkey\": {}}}"},
	})
}

func TestDeleteJSON(t *testing.T) {
	t.Parallel()
	runAll(t, JSON, []edited{
		{"the last", "{\n  \"a\": 1, // one\n  \"b\": {\n  } // two\n}\n", "b", nil, "{\n  \"a\": 1 // one\n}\n"},
		{"the last with a trailing comma", "{\n  \"a\": 1,\n  \"b\": 2,\n}\n", "b", nil, "{\n  \"a\": 1,\n}\n"},
		{"the first", "{\n  \"b\": 2,\n  \"a\": 1\n}\n", "b", nil, "{\n  \"a\": 1\n}\n"},
		{"the only one", "{\n  \"m\": {\n    \"b\": 2\n  }\n}\n", "m.b", nil, "{\n  \"m\": {}\n}\n"},
		{"the only one on one line", `{"m": { "b": 2 }}`, "m.b", nil, `{"m": {}}`},
		{"the only one, below a comment", "{\n  // c\n  \"b\": 2,\n}", "b", nil, "{\n  // c\n}"},
		{"a comment that only seems to be of one line", "{\n  \"a\": 1, /*\n  // valetkey */\n  \"valetkey\": {}\n}", "valetkey", nil, "{\n  \"a\": 1 /*\n  // valetkey */\n}"},
		{"below a comment", "{\n  // all\n  \"b\": 2 }", "b", nil, "{\n  // all\n   }"},
		{"on one line, the first", `{ "b": 2, "a": 1 }`, "b", nil, `{ "a": 1 }`},
		{"on one line without spaces, the first", `{"b": 2, "a": 1}`, "b", nil, `{"a": 1}`},
		{"on one line, the last", `{ "a": 1, "b": 2 }`, "b", nil, `{ "a": 1 }`},
		{"on one line, between", `{"a":1,"b":2,"c":3}`, "b", nil, `{"a":1,"c":3}`},
		{"beside another", "{\n  \"b\": 2, \"a\": 1\n}", "b", nil, "{\n  \"a\": 1\n}"},
		{"with its own comment", "{\n  \"a\": 1,\n  // valetkey signs in to GitHub,\n  // see the readme\n  \"valetkey\": {}\n}", "valetkey", nil, "{\n  \"a\": 1\n}"},
		{"without the comment of all", "{\n  // servers of the team\n  \"valetkey\": {},\n  \"a\": 1\n}", "valetkey", nil, "{\n  // servers of the team\n  \"a\": 1\n}"},
		{"without a comment further above", "{\n  // valetkey and others\n\n  \"valetkey\": {},\n  \"a\": 1\n}", "valetkey", nil, "{\n  // valetkey and others\n\n  \"a\": 1\n}"},
	})
}

func TestRefusedJSON(t *testing.T) {
	t.Parallel()
	refuseAll(t, JSON, []refused{
		{"a string on the way", "{\n  \"mcpServers\": \"x\"\n}", "mcpServers.valetkey", []string{"line 2", `"mcpServers"`, "by hand"}},
		{"a list on the way", "{\n\n  \"mcpServers\": []\n}", "mcpServers.valetkey", []string{"line 3", `"mcpServers"`, "by hand"}},
		{"a list at the root", "[]", "valetkey", []string{"line 1", "no table", "by hand"}},
		{"a name twice", "{\n  \"m\": {},\n  \"m\": {}\n}", "m.valetkey", []string{"line 3", `"m"`, "twice"}},
		{"an entry twice", "{\"m\": {\n  \"valetkey\": {},\n  \"valetkey\": {}\n}}", "m.valetkey", []string{"line 3", "twice"}},
	})
}

// TestManyBrackets: brackets in strings and comments, such as the colours of
// terminals that a history holds, don't make a document deep.
func TestManyBrackets(t *testing.T) {
	t.Parallel()
	const many = 20_000
	flat := "{\"history\": [" + strings.Repeat("\"\\u001b[31m \\\"{ \\\\\", // [[ \"\n/* {{ \" */", many) + "]"
	runAll(t, JSON, []edited{{"flat", flat + "}", "a", Table{}, flat + ", \"a\": {}}"}})
	for name, text := range map[string]string{
		"behind strings":  strings.Repeat("[\"]]\\\"]]\",", many),
		"behind comments": strings.Repeat("[//]]\r]\n/*/]]*/", many),
		"in one string":   `"` + strings.Repeat("[", many) + `", ` + strings.Repeat("{\"a\":", many),
	} {
		if _, err := Parse(JSON, []byte(text)); err == nil || !strings.Contains(err.Error(), "nested too deep") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
