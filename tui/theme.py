"""The three themes: dark, light and high contrast; no colour stands anywhere else."""

from __future__ import annotations

from textual.theme import Theme

THEMES = {
    "dunkel": Theme(
        name="dunkel",
        primary="#7aa2c8",
        secondary="#9ab8a0",
        accent="#d8b26e",
        warning="#e0af68",
        error="#e07a7a",
        success="#8fbf8f",
        foreground="#d8d8d4",
        background="#1b1d21",
        surface="#22252a",
        panel="#2a2e35",
        dark=True,
        variables={
            "text-muted": "#a0a4aa",
            "block-cursor-background": "#3d5a78",
            "block-cursor-foreground": "#ffffff",
        },
    ),
    "hell": Theme(
        name="hell",
        primary="#1f5a8c",
        secondary="#3c6e47",
        accent="#8a5a00",
        warning="#8a5a00",
        error="#b00020",
        success="#1f6b2e",
        foreground="#1c1c1c",
        background="#fbfaf7",
        surface="#f3f1ec",
        panel="#e7e4dc",
        dark=False,
        variables={
            "text-muted": "#55534e",
            "block-cursor-background": "#1f5a8c",
            "block-cursor-foreground": "#ffffff",
        },
    ),
    "kontrast": Theme(
        name="kontrast",
        primary="#ffff00",
        secondary="#00ffff",
        accent="#ffff00",
        warning="#ffd700",
        error="#ffa8a8",
        success="#90ff90",
        foreground="#ffffff",
        background="#000000",
        surface="#161616",
        panel="#303030",
        dark=True,
        variables={
            "text-muted": "#d0d0d0",
            "block-cursor-background": "#ffff00",
            "block-cursor-foreground": "#000000",
        },
    ),
}
"""Setting → theme. Muted text has at least 7:1 in the high-contrast theme."""
