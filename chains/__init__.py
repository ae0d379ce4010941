"""Understanding, answering and checking. Knows neither FastAPI nor Gradio."""
