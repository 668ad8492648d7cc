"""The parts of the page; `streamlit_app.py` puts them together."""
