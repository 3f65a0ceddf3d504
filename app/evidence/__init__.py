"""What the camera saw: intake, EXIF, location witnesses, derivatives."""
