"""A manual of twelve pages, and ten questions of which each is answered on one of them."""

from __future__ import annotations

from sample_pages import Sheet

__all__ = ["MANUAL", "QUESTIONS"]

MANUAL = (
    Sheet(
        title="Garden Pump",
        lines=("Manual for the owner.", "Please read all of it", "and keep it in the house."),
    ),
    Sheet(
        title="Safety",
        lines=(
            "Pull the plug out before",
            "you open the pump.",
            "Never lift it by the cable.",
            "Keep children away.",
        ),
    ),
    Sheet(
        title="In the Box",
        lines=("Check that all is there.",),
        table=(("Part", "Number"), ("Hose", "2"), ("Clamp", "4"), ("Filter", "1")),
    ),
    Sheet(
        title="Where to Place It",
        lines=(
            "Stand the pump on dry and",
            "level ground, not more than",
            "8 metres from the pond.",
        ),
    ),
    Sheet(
        title="Before the Start",
        lines=(
            "Open the red cap and fill in",
            "two litres of water.",
            "A dry pump will break.",
        ),
    ),
    Sheet(
        title="Cleaning",
        lines=(
            "Wash the filter every week",
            "under warm water. Do not",
            "use soap or a brush.",
        ),
    ),
    Sheet(
        title="Oil",
        lines=(
            "Change the oil of the motor",
            "once a year. It takes half",
            "a litre of thin oil.",
        ),
    ),
    Sheet(
        title="Winter",
        lines=(
            "Let all water out before the",
            "first frost and keep the",
            "pump in a warm cellar.",
        ),
    ),
    Sheet(
        title="Error Lights",
        lines=("The lamp blinks.",),
        table=(
            ("Light", "Cause"),
            ("Red", "No water"),
            ("Green", "Too hot"),
            ("Blue", "Low power"),
        ),
    ),
    Sheet(
        title="Noise",
        lines=(
            "If it is loud there is air in",
            "the hose. Close all clamps",
            "and fill in water again.",
        ),
    ),
    Sheet(
        title="Guarantee",
        lines=(
            "We repair the pump for free",
            "for three years. Please keep",
            "the bill from the shop.",
        ),
    ),
    Sheet(
        title="Service",
        lines=("Our office is open from", "Monday to Friday.", "Call 555-0142 for parts."),
    ),
)

QUESTIONS = {
    "How do I avoid an electric shock?": 1,
    "How many clamps are delivered with it?": 2,
    "How far away from the lake may it be?": 3,
    "How much water must I pour in at first?": 4,
    "How often should I rinse the strainer?": 5,
    "What lubricant does the engine need?": 6,
    "What should I do when it gets very cold outside?": 7,
    "Why is the green signal on?": 8,
    "How long is the warranty?": 10,
    "Which phone number has spare parts?": 11,
}
"""A question → the number of the page that answers it, counted from 0 as metadata does."""
