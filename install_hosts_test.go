package main

// hostFile is a host's file, as its host and its person have left it, and what it
// should be with valetkey: written by hand, with COMMAND for the program's path.
type hostFile struct{ host, path, before, after string }

// hostFiles are files of each host, with all that must stay: comments, order,
// indentation, trailing commas, other servers and other settings.
func hostFiles() []hostFile {
	return []hostFile{
		{"claude-desktop", ".config/Claude/claude_desktop_config.json", "", `{
  "mcpServers": {
    "valetkey": {
      "command": "COMMAND",
      "args": [],
      "env": {
        "GITHUB_CLIENT_ID": "example-client"
      }
    }
  }
}
`},
		{"claude-code", ".claude.json", `{
  "numStartups": 7,
  "mcpServers": {},
  "projects": {"/home/mona": {"allowedTools": []}}
}`, `{
  "numStartups": 7,
  "mcpServers": {
    "valetkey": {
      "type": "stdio",
      "command": "COMMAND",
      "args": [],
      "env": {
        "GITHUB_CLIENT_ID": "example-client"
      }
    }
  },
  "projects": {"/home/mona": {"allowedTools": []}}
}`},
		{"cursor", ".cursor/mcp.json", `{
	"mcpServers": {
		"files": {"command": "npx", "args": ["-y", "files-server"]}
	}
}
`, `{
	"mcpServers": {
		"files": {"command": "npx", "args": ["-y", "files-server"]},
		"valetkey": {
			"command": "COMMAND",
			"args": [],
			"env": {
				"GITHUB_CLIENT_ID": "example-client"
			}
		}
	}
}
`},
		{"vscode", ".config/Code/User/mcp.json", `{
    // Ours.
    "servers": {
        "docs": {
            "type": "http",
            "url": "https://docs.example/mcp", // read only
        },
    },
    "inputs": [],
}
`, `{
    // Ours.
    "servers": {
        "docs": {
            "type": "http",
            "url": "https://docs.example/mcp", // read only
        },
        "valetkey": {
            "type": "stdio",
            "command": "COMMAND",
            "args": [],
            "env": {
                "GITHUB_CLIENT_ID": "example-client"
            }
        },
    },
    "inputs": [],
}
`},
		{"windsurf", ".codeium/windsurf/mcp_config.json", `{"mcpServers": {}}`, `{"mcpServers": {"valetkey": {"command": "COMMAND", "args": [], "env": {"GITHUB_CLIENT_ID": "example-client"}}}}`},
		{"zed", ".config/zed/settings.json", `// Zed settings
{
  "theme": "One Dark",

  /* the editor */
  "vim_mode": true,
}
`, `// Zed settings
{
  "theme": "One Dark",

  /* the editor */
  "vim_mode": true,
  "context_servers": {
    "valetkey": {
      "command": "COMMAND",
      "args": [],
      "env": {
        "GITHUB_CLIENT_ID": "example-client"
      }
    }
  },
}
`},
		{"codex", ".codex/config.toml", `# Mine
model = "gpt-5"   # the usual one

[mcp_servers.docs]
command = "docs-server"

[projects."/home/mona"]
trust_level = "trusted"
`, `# Mine
model = "gpt-5"   # the usual one

[mcp_servers.docs]
command = "docs-server"

[mcp_servers.valetkey]
command = "COMMAND"
args = []
env = { GITHUB_CLIENT_ID = "example-client" }
env_vars = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"]

[projects."/home/mona"]
trust_level = "trusted"
`},
		{"gemini", ".gemini/settings.json", "{\r\n  \"theme\": \"GitHub\"\r\n}\r\n",
			"{\r\n  \"theme\": \"GitHub\",\r\n  \"mcpServers\": {\r\n    \"valetkey\": {\r\n      \"command\": \"COMMAND\",\r\n      \"args\": [],\r\n" +
				"      \"env\": {\r\n        \"GITHUB_CLIENT_ID\": \"example-client\"\r\n      }\r\n    }\r\n  }\r\n}\r\n"},
		{"cline", ".cline/data/settings/cline_mcp_settings.json", "\ufeff{\n  \"mcpServers\": {}\n}\n", "\ufeff" + `{
  "mcpServers": {
    "valetkey": {
      "command": "COMMAND",
      "args": [],
      "env": {
        "GITHUB_CLIENT_ID": "example-client"
      }
    }
  }
}
`},
		{"goose", ".config/goose/config.yaml", `# goose
GOOSE_PROVIDER: example

extensions:
  developer:
    enabled: true   # always
    type: builtin

GOOSE_MODE: auto
`, `# goose
GOOSE_PROVIDER: example

extensions:
  developer:
    enabled: true   # always
    type: builtin
  valetkey:
    name: valetkey
    type: stdio
    cmd: COMMAND
    args: []
    envs:
      GITHUB_CLIENT_ID: example-client
    timeout: 300
    enabled: true

GOOSE_MODE: auto
`},
		{"opencode", ".config/opencode/opencode.jsonc", `{
  "$schema": "https://opencode.ai/config.json",
  // none yet
  "mcp": {}
}
`, `{
  "$schema": "https://opencode.ai/config.json",
  // none yet
  "mcp": {
    "valetkey": {
      "type": "local",
      "command": ["COMMAND"],
      "environment": {
        "GITHUB_CLIENT_ID": "example-client"
      },
      "enabled": true
    }
  }
}
`},
	}
}
